"""The Python error of a function that Java has called: Java hands it on wrapped, in a thread of its own."""

from typing import Any


def root(error: Any) -> Any:
    """The Java exception that set the others off."""
    while error.getCause() is not None:
        error = error.getCause()
    return error


def raise_again(error: Any) -> None:
    """Throw the Java exception here, in this thread: JPype makes of its wrapper the Python error that it holds."""
    from java.lang import Throwable, Void  # Java's, once the machine runs
    from java.lang.invoke import MethodHandles

    MethodHandles.throwException(Void.TYPE, Throwable.class_).invokeWithArguments(error)
