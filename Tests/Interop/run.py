#!/usr/bin/env python3
"""Runs the interop tests; `make interop` calls it in an environment that has snarkVM's SDK.

    run.py [FILTER]     FILTER: a part of the name or the description of the tests to run

INTEROP_FOLDER is where the tests are, if not here: `make interop-vm` runs those of Tests/InteropVM.
"""
import os
import pathlib
import sys
import time
import unittest

FOLDER = pathlib.Path(os.environ.get("INTEROP_FOLDER", pathlib.Path(__file__).parent)).resolve()


class Result(unittest.TextTestResult):
    """One line per test, with its description and its time."""

    def startTest(self, test):
        unittest.TestResult.startTest(self, test)
        self.began = time.monotonic()

    def _line(self, verdict, test, note=""):
        name = "%s.%s" % (type(test).__name__, test._testMethodName)
        text = test.shortDescription() or test._testMethodName[len("test_"):].replace("_", " ")
        self.stream.writeln("%-4s %6.1f s  %s: %s%s" % (verdict, time.monotonic() - self.began, name, text, note))
        self.stream.flush()

    def addSuccess(self, test):
        unittest.TestResult.addSuccess(self, test)
        self._line("ok", test)

    def addFailure(self, test, error):
        unittest.TestResult.addFailure(self, test, error)
        self._line("FAIL", test)

    def addError(self, test, error):
        unittest.TestResult.addError(self, test, error)
        self._line("FAIL", test)

    def addSkip(self, test, reason):
        unittest.TestResult.addSkip(self, test, reason)
        self._line("skip", test, " (%s)" % reason)


def _tests(suite):
    for each in suite:
        yield from _tests(each) if isinstance(each, unittest.TestSuite) else [each]


def main(wanted):
    sys.path.insert(0, str(FOLDER))
    suite = unittest.TestSuite(
        test for test in _tests(unittest.defaultTestLoader.discover(FOLDER))
        if wanted.lower() in ("%s %s" % (test.id(), test.shortDescription())).lower())
    result = unittest.TextTestRunner(sys.stdout, resultclass=Result).run(suite)
    failed, skipped = len(result.failures) + len(result.errors), len(result.skipped)
    print("%d passed, %d failed, %d skipped" % (result.testsRun - failed - skipped, failed, skipped))
    return 0 if failed == 0 and result.testsRun > 0 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
