"""Both planes through boto3, of a node with AWS's quotas."""

import unittest

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from harness import URL, client


def patient(service):
    """A client that waits and tries again."""
    return boto3.client(
        service,
        endpoint_url=URL,
        region_name="us-east-1",
        aws_access_key_id="drover",
        aws_secret_access_key="drover",
        config=Config(retries={"mode": "standard", "max_attempts": 10}),
    )


class Quotas(unittest.TestCase):
    def refusal(self, call):
        """The error of a call, made again until it is refused."""
        while True:
            try:
                call()
            except ClientError as error:
                return error

    def test_a_call_beyond_the_rate_is_a_typed_error_that_retries_cope_with(self):
        error = self.refusal(client("iot").list_jobs)
        self.assertEqual(error.response["Error"]["Code"], "ThrottlingException")
        self.assertEqual(error.response["ResponseMetadata"]["HTTPStatusCode"], 400)
        iot = patient("iot")
        self.assertIsInstance(error, iot.exceptions.ThrottlingException)
        for _ in range(15):
            iot.list_jobs()
