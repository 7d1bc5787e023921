"""The saga with one small change in its source, as a rule for the checker."""

import ast
import inspect
from pathlib import Path

from ecomkafka.domain import saga
from ecomkafka.model_checking.rule import Step

SOURCE = Path(inspect.getsourcefile(saga)).read_text(encoding="utf-8")


def mutant(old: str, new: str) -> Step:
    """`step` with `new` in the place of `old`, which is in the source once. Its classes stay those of the shop."""
    assert SOURCE.count(old) == 1, f"{old!r} is {SOURCE.count(old)} times in domain/saga.py: change this mutation too"
    tree = ast.parse(SOURCE.replace(old, new))
    tree.body = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    names = dict(vars(saga))
    exec(compile(tree, "a mutant of domain/saga.py", "exec"), names)
    step: Step = names["step"]
    return step
