"""The device plane over HTTPS through boto3."""

import unittest

from harness import advance, arn, client


class Device(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.iot, cls.device = client("iot"), client("iot-jobs-data")

    def queue(self, thing, *jobs):
        """A new thing with jobs."""
        self.iot.create_thing(thingName=thing)
        for job in jobs:
            self.iot.create_job(jobId=job, targets=[arn("thing", thing)], document='{"op":"flash"}')
        advance("1m")

    def test_a_device_takes_and_finishes_a_job(self):
        self.queue("press:07", "fw-3")
        pending = self.device.get_pending_job_executions(thingName="press:07")
        self.assertEqual(pending["inProgressJobs"], [])
        self.assertEqual([e["jobId"] for e in pending["queuedJobs"]], ["fw-3"])
        head = self.device.describe_job_execution(thingName="press:07", jobId="$next")["execution"]
        self.assertEqual((head["jobId"], head["status"]), ("fw-3", "QUEUED"))

        started = self.device.start_next_pending_job_execution(thingName="press:07", statusDetails={"phase": "accepted"})["execution"]
        self.assertEqual((started["status"], started["versionNumber"], started["jobDocument"]), ("IN_PROGRESS", 2, '{"op":"flash"}'))
        updated = self.device.update_job_execution(
            thingName="press:07", jobId="fw-3", status="SUCCEEDED", expectedVersion=2, includeJobExecutionState=True
        )
        self.assertEqual(
            updated["executionState"], {"status": "SUCCEEDED", "statusDetails": {"phase": "accepted"}, "versionNumber": 3}
        )
        self.assertEqual(self.iot.describe_job(jobId="fw-3")["job"]["status"], "COMPLETED")

    def test_nothing_pending_is_an_answer_and_no_error(self):
        self.queue("idle")
        self.assertNotIn("execution", self.device.start_next_pending_job_execution(thingName="idle"))
        self.assertNotIn("execution", self.device.describe_job_execution(thingName="idle", jobId="$next"))

    def test_refusals_are_the_exceptions_of_the_model(self):
        self.queue("refused", "live", "over")
        known = self.device.exceptions
        self.device.update_job_execution(thingName="refused", jobId="over", status="FAILED")
        with self.assertRaises(known.TerminalStateException):
            self.device.describe_job_execution(thingName="refused", jobId="over")
        with self.assertRaises(known.InvalidStateTransitionException):
            self.device.update_job_execution(thingName="refused", jobId="over", status="SUCCEEDED")
        with self.assertRaisesRegex(known.InvalidStateTransitionException, "Expected version 7 but found version 1"):
            self.device.update_job_execution(thingName="refused", jobId="live", status="SUCCEEDED", expectedVersion=7)
        with self.assertRaises(known.InvalidRequestException):
            self.device.update_job_execution(thingName="refused", jobId="live", status="CANCELED")
        with self.assertRaises(known.ResourceNotFoundException):
            self.device.get_pending_job_executions(thingName="unknown")
