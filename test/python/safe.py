"""What Drover has beyond AWS, as an operator's program asks for it: the calls of
boto3 with a header or a parameter more, and paths that boto3 does not know."""

import contextlib
import json
import unittest

from botocore.exceptions import ClientError

from harness import advance, arn, client, ours


class Safe(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.iot = client("iot")

    @contextlib.contextmanager
    def hooked(self, event, hook):
        """Has a hook run at an event of botocore."""
        self.iot.meta.events.register(event, hook)
        try:
            yield
        finally:
            self.iot.meta.events.unregister(event, hook)

    def if_match(self, tag):
        return self.hooked("before-sign.iot", lambda request, **_: request.headers.add_header("If-Match", tag))

    def job(self, name, things=1, **settings):
        """A job on things that it registers."""
        names = [f"{name}-{i}" for i in range(things)]
        for thing in names:
            self.iot.create_thing(thingName=thing)
        return self.iot.create_job(jobId=name, targets=[arn("thing", thing) for thing in names], document="{}", **settings)

    def tag(self, name):
        return self.iot.describe_job(jobId=name)["ResponseMetadata"]["HTTPHeaders"]["etag"]

    def queued(self, name):
        return self.iot.describe_job(jobId=name)["job"]["jobProcessDetails"]["numberOfQueuedThings"]

    def test_a_change_is_done_only_at_the_version_that_was_seen(self):
        made = self.job("match", description="first")
        self.assertEqual(made["ResponseMetadata"]["HTTPHeaders"]["etag"], '"1"')
        seen = self.tag("match")
        self.iot.update_job(jobId="match", description="somebody was faster")
        for change in (
            lambda: self.iot.update_job(jobId="match", description="too late"),
            lambda: self.iot.cancel_job(jobId="match"),
            lambda: self.iot.delete_job(jobId="match", force=True),
        ):
            with self.if_match(seen), self.assertRaises(ClientError) as refused:
                change()
            self.assertEqual(refused.exception.response["Error"]["Code"], "PreconditionFailedException")
            self.assertEqual(refused.exception.response["ResponseMetadata"]["HTTPStatusCode"], 412)
            self.assertEqual(refused.exception.response["ResponseMetadata"]["HTTPHeaders"]["etag"], '"2"')
        self.assertEqual(self.iot.describe_job(jobId="match")["job"]["description"], "somebody was faster")
        with self.if_match(self.tag("match")):
            self.iot.cancel_job(jobId="match")
        self.assertEqual(self.tag("match"), '"3"')

    def test_a_dry_run_tells_what_an_update_would_do_and_does_not_do_it(self):
        self.job("dry", things=3, jobExecutionsRolloutConfig={"maximumPerMinute": 1})
        told = []

        def try_it(request, **_):
            request.url += "?dryRun=true"

        with self.hooked("before-sign.iot.UpdateJob", try_it):
            with self.hooked("after-call.iot.UpdateJob", lambda http_response, **_: told.append(json.loads(http_response.content))):
                self.iot.update_job(jobId="dry", jobExecutionsRolloutConfig={"maximumPerMinute": 1000})
        self.assertEqual((told[0]["jobId"], told[0]["version"]), ("dry", 1))
        changed = {change["member"]: (change["before"], change["after"]) for change in told[0]["changes"]}
        self.assertEqual(changed, {"jobExecutionsRolloutConfig": ({"maximumPerMinute": 1}, {"maximumPerMinute": 1000})})
        self.assertLess(told[0]["forecast"]["after"]["end"], told[0]["forecast"]["before"]["end"])
        self.assertEqual(self.tag("dry"), '"1"')
        self.assertEqual(self.iot.describe_job(jobId="dry")["job"]["jobExecutionsRolloutConfig"], {"maximumPerMinute": 1})

    def test_a_paused_job_releases_nothing_until_it_is_resumed(self):
        self.job("held", things=3, jobExecutionsRolloutConfig={"maximumPerMinute": 1})
        advance("1s")
        shown = ours("POST", "jobs/held/pause", {"hideQueued": True})
        self.assertEqual((shown["version"], shown["paused"], shown["hideQueued"]), (2, True, True))
        advance("1h")
        self.assertEqual((self.queued("held"), self.iot.describe_job(jobId="held")["job"]["status"]), (1, "IN_PROGRESS"))
        self.assertEqual(ours("GET", "jobs/held")["paused"], True)
        self.assertEqual(ours("POST", "jobs/held/resume")["paused"], False)
        advance("5m")
        self.assertEqual(self.queued("held"), 3)

    def test_never_more_things_than_the_cap_have_a_job_to_do(self):
        self.job("cap", things=4, jobExecutionsRolloutConfig={"maximumPerMinute": 2})
        self.assertEqual(ours("PATCH", "jobs/cap", {"maximumInProgress": 2})["maximumInProgress"], 2)
        advance("1h")
        self.assertEqual(self.queued("cap"), 2)
        ours("PATCH", "jobs/cap", {"maximumInProgress": 0})
        advance("5m")
        self.assertEqual(self.queued("cap"), 4)

    def test_a_history_tells_who_changed_what(self):
        self.job("told", description="first")
        self.iot.update_job(jobId="told", description="second")
        ours("POST", "jobs/told/pause")
        self.iot.cancel_job(jobId="told", reasonCode="RECALLED")
        changes = ours("GET", "jobs/told/history")["changes"]
        self.assertEqual([change["operation"] for change in changes], ["CancelJob", "PauseJob", "UpdateJob", "CreateJob"])
        self.assertEqual([change["version"] for change in changes], [4, 3, 2, 1])
        self.assertEqual((changes[2]["before"], changes[2]["after"]), ({"description": "first"}, {"description": "second"}))
        self.assertEqual((changes[2]["by"], changes[0]["after"]["reasonCode"]), ("drover", "RECALLED"))
        first = ours("GET", "jobs/told/history?maxResults=3")
        rest = ours("GET", "jobs/told/history?nextToken=" + first["nextToken"])
        self.assertEqual(first["changes"] + rest["changes"], changes)
