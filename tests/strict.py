"""A pytest plugin for CI (`-p tests.strict`): a test that was skipped, left out or expected to fail fails the run."""

import pytest

NOT_RUN = ("skipped", "deselected", "xfailed", "xpassed")


def _not_run(session: pytest.Session) -> dict[str, int]:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    assert reporter is not None
    return {kind: len(found) for kind in NOT_RUN if (found := reporter.stats.get(kind))}


def pytest_sessionfinish(session: pytest.Session) -> None:
    if _not_run(session) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    session = terminalreporter._session
    if session is not None and (counts := _not_run(session)):
        told = ", ".join(f"{count} {kind}" for kind, count in counts.items())
        terminalreporter.write_line(f"strict: {told}: here every test has to run and pass", red=True)
