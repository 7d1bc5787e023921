"""`python -m ecomkafka` is the command `ecomkafka`."""

from ecomkafka.cli import main

main()
