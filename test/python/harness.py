"""What the boto3 tests share: clients of the node, its clock, what this boto3 knows.

Run a test module with `python3 -m harness MODULE`: it prints one line of JSON
a test, {"test": NAME, "outcome": "passed", "failed" or "skipped", "text": WHY}.
"""

import datetime
import json
import os
import sys
import unittest
import urllib.request

import boto3
from botocore.config import Config

URL = os.environ["DROVER_URL"]


def client(service):
    """A client that asks the node, once."""
    return boto3.client(
        service,
        endpoint_url=URL,
        region_name="us-east-1",
        aws_access_key_id="drover",
        aws_secret_access_key="drover",
        config=Config(retries={"max_attempts": 0}),
    )


def ours(method, path, body=None):
    """What the node answers at a path that AWS does not have."""
    sent = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(URL + "/drover/v1/" + path, data=sent, method=method)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def advance(by):
    """Moves the node's clock by a duration such as "1m"."""
    ours("POST", "clock/advance", {"by": by})


def clock():
    """Where the node's clock stands, in ISO 8601."""
    return ours("GET", "clock")["now"].replace("Z", "+00:00")


def until(at):
    """Moves the node's clock to an instant."""
    advance(f"{(at - datetime.datetime.fromisoformat(clock())).total_seconds()}s")


def arn(kind, name):
    return f"arn:aws:iot:us-east-1:000000000000:{kind}/{name}"


def needs(made, operation, *members):
    """Skips a test whose operation, or a member of it, this boto3 does not know."""
    model = made.meta.service_model
    if operation not in model.operation_names:
        raise unittest.SkipTest(f"this boto3 {boto3.__version__} has no {operation}")
    known = model.operation_model(operation).input_shape.members
    for member in members:
        if member not in known:
            raise unittest.SkipTest(f"{operation} of this boto3 {boto3.__version__} has no {member}")


class Lines(unittest.TestResult):
    """Prints a line for each test."""

    def line(self, test, outcome, text=""):
        print(json.dumps({"test": test.id().rpartition(".")[2], "outcome": outcome, "text": text}), flush=True)

    def addSuccess(self, test):
        self.line(test, "passed")

    def addFailure(self, test, err):
        self.line(test, "failed", self._exc_info_to_string(err, test))

    addError = addFailure

    def addSkip(self, test, reason):
        self.line(test, "skipped", reason)


if __name__ == "__main__":
    unittest.defaultTestLoader.loadTestsFromName(sys.argv[1]).run(Lines())
