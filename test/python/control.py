"""The control plane through boto3."""

import datetime
import json
import unittest

from harness import advance, arn, client, clock, needs, until

DOCUMENT = '{"op":"flash","to":"<&>"}'


class Jobs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.iot = client("iot")

    def group(self, name, *things):
        """A group of things that it registers."""
        self.iot.create_thing_group(thingGroupName=name)
        for thing in things:
            self.iot.create_thing(thingName=thing)
            self.iot.add_thing_to_thing_group(thingGroupName=name, thingName=thing)

    def job(self, name, group, **settings):
        return self.iot.create_job(jobId=name, targets=[arn("thinggroup", group)], document=DOCUMENT, **settings)

    def counted(self, name):
        """The counters of a job that are not 0, by state."""
        details = self.iot.describe_job(jobId=name)["job"]["jobProcessDetails"]
        return {state[len("numberOf") : -len("Things")]: n for state, n in details.items() if n and state != "processingTargets"}

    def test_a_job_is_created_described_updated_cancelled_and_deleted(self):
        needs(self.iot, "CreateJob", "jobExecutionsRetryConfig")
        self.group("cycle", "cycle-a", "cycle-b", "cycle-c")
        made = self.job(
            "cycle",
            "cycle",
            description="first",
            jobExecutionsRolloutConfig={"maximumPerMinute": 1},
            jobExecutionsRetryConfig={"criteriaList": [{"failureType": "FAILED", "numberOfRetries": 2}]},
            tags=[{"Key": "owner", "Value": "ops"}],
        )
        self.assertEqual(made["jobArn"], arn("job", "cycle"))
        self.assertEqual(made["description"], "first")
        advance("1s")
        self.assertEqual(self.counted("cycle"), {"Queued": 1})
        self.assertEqual(self.iot.get_job_document(jobId="cycle")["document"], DOCUMENT)
        self.assertEqual(self.iot.list_tags_for_resource(resourceArn=arn("job", "cycle"))["tags"], [{"Key": "owner", "Value": "ops"}])

        self.iot.update_job(jobId="cycle", description="faster", jobExecutionsRolloutConfig={"maximumPerMinute": 1000})
        advance("2s")
        self.assertEqual(self.counted("cycle"), {"Queued": 3})
        job = self.iot.describe_job(jobId="cycle")["job"]
        self.assertEqual(job["description"], "faster")
        self.assertEqual(job["jobExecutionsRetryConfig"]["criteriaList"], [{"failureType": "FAILED", "numberOfRetries": 2}])
        self.assertIsInstance(job["createdAt"], datetime.datetime)

        self.iot.cancel_job(jobId="cycle", reasonCode="RECALLED", comment="see cycle-2")
        job = self.iot.describe_job(jobId="cycle")["job"]
        self.assertEqual((job["status"], job["reasonCode"], job["comment"]), ("CANCELED", "RECALLED", "see cycle-2"))
        self.assertEqual(self.counted("cycle"), {"Canceled": 3})
        self.iot.delete_job(jobId="cycle")
        advance("1s")
        with self.assertRaises(self.iot.exceptions.ResourceNotFoundException):
            self.iot.describe_job(jobId="cycle")

    def test_a_job_brings_a_version_of_a_package(self):
        needs(self.iot, "CreateJob", "destinationPackageVersions")
        needs(self.iot, "CreatePackageVersion", "attributes")
        self.iot.create_package(packageName="agent")
        self.iot.create_package_version(packageName="agent", versionName="1.0", attributes={"url": "http://files/a"})
        self.iot.update_package_version(packageName="agent", versionName="1.0", action="PUBLISH")
        self.group("brings", "brings-a")
        brought = arn("package", "agent/version/1.0")
        self.iot.create_job(
            jobId="brings",
            targets=[arn("thinggroup", "brings")],
            document='{"get":"${aws:iot:package:agent:version:1.0:attributes:url}"}',
            destinationPackageVersions=[brought],
        )
        self.assertEqual(self.iot.get_job_document(jobId="brings")["document"], '{"get":"http://files/a"}')
        self.assertEqual(self.iot.describe_job(jobId="brings")["job"]["destinationPackageVersions"], [brought])
        with self.assertRaises(self.iot.exceptions.ConflictException):
            self.iot.create_package(packageName="agent")

    def test_update_job_changes_every_member_it_has(self):
        needs(self.iot, "UpdateJob", "abortConfig", "timeoutConfig", "presignedUrlConfig")
        self.group("update", "update-a")
        self.job("update", "update")
        given = {
            "abortConfig": {
                "criteriaList": [
                    {"failureType": "ALL", "action": "CANCEL", "thresholdPercentage": 12.5, "minNumberOfExecutedThings": 10}
                ]
            },
            "timeoutConfig": {"inProgressTimeoutInMinutes": 30},
            "presignedUrlConfig": {"roleArn": "arn:aws:iam::000000000000:role/fetch", "expiresInSec": 600},
            "jobExecutionsRolloutConfig": {
                "exponentialRate": {
                    "baseRatePerMinute": 10,
                    "incrementFactor": 1.5,
                    "rateIncreaseCriteria": {"numberOfSucceededThings": 20},
                }
            },
        }
        self.iot.update_job(jobId="update", **given)
        job = self.iot.describe_job(jobId="update")["job"]
        self.assertEqual({member: job[member] for member in given}, given)

    def test_a_job_of_a_namespace_is_listed_apart(self):
        needs(self.iot, "ListJobExecutionsForThing", "namespaceId")
        self.group("space", "space-a")
        self.job("space-plain", "space")
        self.job("space-deploy", "space", namespaceId="aws-gg-deployment")
        advance("1s")
        self.assertEqual(self.iot.describe_job(jobId="space-deploy")["job"]["namespaceId"], "aws-gg-deployment")
        self.assertNotIn("namespaceId", self.iot.describe_job(jobId="space-plain")["job"])
        jobs = self.iot.list_jobs(namespaceId="aws-gg-deployment")["jobs"]
        self.assertEqual([job["jobId"] for job in jobs], ["space-deploy"])
        listed = self.iot.list_job_executions_for_thing(thingName="space-a", namespaceId="aws-gg-deployment")
        self.assertEqual([one["jobId"] for one in listed["executionSummaries"]], ["space-deploy"])
        listed = self.iot.list_job_executions_for_thing(thingName="space-a")
        self.assertEqual(len(listed["executionSummaries"]), 2)
        with self.assertRaises(self.iot.exceptions.ResourceNotFoundException):
            self.iot.update_job(jobId="space-deploy", namespaceId="other")
        with self.assertRaises(self.iot.exceptions.InvalidRequestException):
            self.job("space-long", "space", namespaceId="n" * 65)

    def test_an_execution_is_described_cancelled_and_deleted(self):
        self.group("execution", "execution-a")
        self.job("execution", "execution")
        advance("1s")
        which = {"jobId": "execution", "thingName": "execution-a"}
        shown = self.iot.describe_job_execution(**which)["execution"]
        self.assertEqual((shown["status"], shown["executionNumber"], shown["versionNumber"]), ("QUEUED", 1, 1))
        with self.assertRaises(self.iot.exceptions.VersionConflictException):
            self.iot.cancel_job_execution(**which, expectedVersion=7)
        self.iot.cancel_job_execution(**which, expectedVersion=1, statusDetails={"why": "recalled"})
        shown = self.iot.describe_job_execution(**which)["execution"]
        self.assertEqual(shown["status"], "CANCELED")
        self.assertEqual(shown["statusDetails"], {"detailsMap": {"why": "recalled"}})
        with self.assertRaises(self.iot.exceptions.InvalidStateTransitionException):
            self.iot.cancel_job_execution(**which)
        self.iot.delete_job_execution(**which, executionNumber=1)
        with self.assertRaises(self.iot.exceptions.ResourceNotFoundException):
            self.iot.describe_job_execution(**which)

    def test_paginators_read_each_entry_once(self):
        names = [f"paging-{i}" for i in range(5)]
        self.group("paging", *names)
        for name in names:
            self.job(name, "paging")
            advance("1m")

        def read(operation, result, **arguments):
            pages = list(self.iot.get_paginator(operation).paginate(PaginationConfig={"PageSize": 2}, **arguments))
            self.assertEqual([len(page[result]) for page in pages], [2, 2, 1])
            return [entry for page in pages for entry in page[result]]

        self.assertEqual(read("list_things_in_thing_group", "things", thingGroupName="paging"), names)
        jobs = read("list_jobs", "jobs", thingGroupName="paging")
        self.assertEqual([job["jobId"] for job in jobs], names[::-1])
        executions = read("list_job_executions_for_job", "executionSummaries", jobId=names[0])
        self.assertEqual([e["thingArn"] for e in executions], [arn("thing", name) for name in names])
        executions = read("list_job_executions_for_thing", "executionSummaries", thingName=names[0])
        self.assertEqual([e["jobId"] for e in executions], names[::-1])

    def test_refusals_are_the_exceptions_of_the_model(self):
        self.group("refused", "refused-a")
        self.job("refused", "refused")
        known = self.iot.exceptions
        with self.assertRaises(known.ResourceAlreadyExistsException) as caught:
            self.job("refused", "refused")
        self.assertEqual(caught.exception.response["resourceArn"], arn("job", "refused"))
        with self.assertRaises(known.ResourceNotFoundException):
            self.job("other", "unknown")
        with self.assertRaises(known.InvalidStateTransitionException):
            self.iot.delete_job(jobId="refused")
        with self.assertRaisesRegex(known.InvalidRequestException, "document"):
            self.iot.create_job(jobId="other", targets=[arn("thinggroup", "refused")], document="{")
        with self.assertRaisesRegex(known.InvalidRequestException, "maximumPerMinute"):
            self.iot.update_job(jobId="refused", jobExecutionsRolloutConfig={"maximumPerMinute": 1001})
        with self.assertRaises(known.VersionConflictException):
            self.iot.update_thing(thingName="refused-a", expectedVersion=7)

    def test_a_job_runs_in_its_windows_and_waits_outside(self):
        needs(self.iot, "CreateJob", "schedulingConfig")
        if "maintenanceWindows" not in self.iot.meta.service_model.shape_for("SchedulingConfig").members:
            self.skipTest("this boto3 has no maintenance windows")
        self.group("night", "night-a", "night-b")
        now = datetime.datetime.fromisoformat(clock())
        opens = (now + datetime.timedelta(days=1)).replace(hour=2, minute=0, second=0, microsecond=0)
        ends = opens + datetime.timedelta(days=1, minutes=30)
        schedule = {
            "endTime": ends.strftime("%Y-%m-%dT%H:%M"),
            "endBehavior": "CANCEL",
            "maintenanceWindows": [{"startTime": f"cron(0 2 {opens.day} {opens.month} ? *)", "durationInMinutes": 60}],
        }
        self.job("night", "night", schedulingConfig=schedule)
        job = self.iot.describe_job(jobId="night")["job"]
        self.assertEqual((job["status"], job["schedulingConfig"]), ("SCHEDULED", schedule))
        self.assertEqual(job["scheduledJobRollouts"], [{"startTime": opens.strftime("%Y-%m-%dT%H:%M")}])
        self.assertEqual(self.counted("night"), {})
        self.assertEqual([j["jobId"] for j in self.iot.list_jobs(status="SCHEDULED", thingGroupName="night")["jobs"]], ["night"])

        until(opens + datetime.timedelta(minutes=1))
        self.assertEqual(self.iot.describe_job(jobId="night")["job"]["status"], "IN_PROGRESS")
        self.assertEqual(self.counted("night"), {"Queued": 2})
        device = client("iot-jobs-data")
        self.assertEqual(len(device.get_pending_job_executions(thingName="night-a")["queuedJobs"]), 1)
        until(opens + datetime.timedelta(minutes=60))
        self.assertEqual(self.iot.describe_job(jobId="night")["job"]["status"], "SCHEDULED")
        self.assertEqual(device.get_pending_job_executions(thingName="night-a")["queuedJobs"], [])
        until(ends)
        self.assertEqual(self.iot.describe_job(jobId="night")["job"]["status"], "COMPLETED")
        self.assertEqual(self.counted("night"), {"Canceled": 2})

    def test_a_job_cannot_bring_a_package_that_is_not_there(self):
        needs(self.iot, "CreateJob", "destinationPackageVersions")
        self.group("package", "package-a")
        with self.assertRaisesRegex(self.iot.exceptions.ResourceNotFoundException, "Package p does not exist"):
            self.job("package", "package", destinationPackageVersions=[arn("package", "p/version/1")])

    def test_a_dynamic_group_and_its_job_follow_what_devices_report(self):
        needs(self.iot, "CreateDynamicThingGroup", "queryString")
        data = client("iot-data")

        def report(thing, battery):
            data.update_thing_shadow(thingName=thing, payload=json.dumps({"state": {"reported": {"battery": battery}}}))

        for thing in ("charge-a", "charge-b"):
            self.iot.create_thing(thingName=thing)
        report("charge-a", 90)
        self.iot.update_indexing_configuration(thingIndexingConfiguration={"thingIndexingMode": "REGISTRY_AND_SHADOW"})
        made = self.iot.create_dynamic_thing_group(thingGroupName="charged", queryString="shadow.reported.battery > 80")
        self.assertEqual((made["indexName"], made["queryVersion"]), ("AWS_Things", "2017-09-30"))
        advance("1s")
        self.assertEqual(self.iot.describe_index(indexName="AWS_Things")["schema"], "REGISTRY_AND_SHADOW")
        self.assertEqual(self.iot.describe_thing_group(thingGroupName="charged")["status"], "ACTIVE")
        self.job("charge", "charged", targetSelection="CONTINUOUS")
        advance("1s")
        self.assertEqual(self.counted("charge"), {"Queued": 1})

        report("charge-b", 95)
        self.assertEqual(self.counted("charge"), {"Queued": 2})
        found = self.iot.search_index(queryString="shadow.reported.battery:[95 TO 100]")["things"]
        self.assertEqual([thing["thingName"] for thing in found], ["charge-b"])
        self.assertEqual(json.loads(found[0]["shadow"])["reported"], {"battery": 95})
        statistics = self.iot.get_statistics(queryString="thingName:charge*", aggregationField="shadow.reported.battery")["statistics"]
        self.assertEqual((statistics["count"], statistics["average"]), (2, 92.5))
        report("charge-a", 12)
        self.assertEqual(self.counted("charge"), {"Queued": 1, "Removed": 1})
        self.assertEqual(self.iot.list_things_in_thing_group(thingGroupName="charged")["things"], ["charge-b"])

        with self.assertRaisesRegex(self.iot.exceptions.InvalidQueryException, "position 1"):
            self.iot.update_dynamic_thing_group(thingGroupName="charged", thingGroupProperties={}, queryString="battery > 80")
        with self.assertRaises(self.iot.exceptions.InvalidRequestException):
            self.iot.add_thing_to_thing_group(thingGroupName="charged", thingName="charge-a")
        self.iot.delete_dynamic_thing_group(thingGroupName="charged")
        self.assertEqual(self.counted("charge"), {"Removed": 2})

    def test_an_endpoint_is_a_host_that_clients_can_use(self):
        address = self.iot.describe_endpoint(endpointType="iot:Jobs")["endpointAddress"]
        self.assertEqual("http://" + address, self.iot.meta.endpoint_url)

    def test_a_template_makes_jobs_and_a_job_makes_a_template(self):
        needs(self.iot, "CreateJobTemplate", "jobExecutionsRetryConfig")
        self.iot.create_thing(thingName="template-a")
        made = self.iot.create_job_template(
            jobTemplateId="template",
            description="Reboot",
            document=DOCUMENT,
            jobExecutionsRolloutConfig={"maximumPerMinute": 7},
            timeoutConfig={"inProgressTimeoutInMinutes": 30},
            tags=[{"Key": "owner", "Value": "ops"}],
        )
        self.assertEqual(made["jobTemplateArn"], arn("jobtemplate", "template"))
        shown = self.iot.describe_job_template(jobTemplateId="template")
        self.assertEqual((shown["description"], shown["document"]), ("Reboot", DOCUMENT))
        self.assertIsInstance(shown["createdAt"], datetime.datetime)
        tags = self.iot.list_tags_for_resource(resourceArn=made["jobTemplateArn"])["tags"]
        self.assertEqual(tags, [{"Key": "owner", "Value": "ops"}])
        with self.assertRaises(self.iot.exceptions.ConflictException):
            self.iot.create_job_template(jobTemplateId="template", description="again", document="{}")

        self.iot.create_job(
            jobId="of-template",
            targets=[arn("thing", "template-a")],
            jobTemplateArn=made["jobTemplateArn"],
            timeoutConfig={"inProgressTimeoutInMinutes": 60},
        )
        job = self.iot.describe_job(jobId="of-template")["job"]
        self.assertEqual((job["description"], job["jobTemplateArn"]), ("Reboot", made["jobTemplateArn"]))
        self.assertEqual(job["jobExecutionsRolloutConfig"]["maximumPerMinute"], 7)
        self.assertEqual(job["timeoutConfig"]["inProgressTimeoutInMinutes"], 60)

        self.iot.create_job_template(jobTemplateId="template-2", description="As it went", jobArn=arn("job", "of-template"))
        pages = self.iot.get_paginator("list_job_templates").paginate(PaginationConfig={"PageSize": 1})
        self.assertEqual([t["jobTemplateId"] for page in pages for t in page["jobTemplates"]], ["template", "template-2"])
        for template in ("template", "template-2"):
            self.iot.delete_job_template(jobTemplateId=template)
        with self.assertRaises(self.iot.exceptions.ResourceNotFoundException):
            self.iot.describe_job_template(jobTemplateId="template")

    def test_a_managed_template_has_parameters_that_are_filled_in(self):
        needs(self.iot, "DescribeManagedJobTemplate")
        needs(self.iot, "CreateJob", "documentParameters")
        self.iot.create_thing(thingName="managed-a")
        pages = self.iot.get_paginator("list_managed_job_templates").paginate(PaginationConfig={"PageSize": 3})
        self.assertEqual(len([t for page in pages for t in page["managedJobTemplates"]]), 8)
        template = self.iot.describe_managed_job_template(templateName="AWS-Download-File")
        self.assertEqual(template["templateArn"], "arn:aws:iot:us-east-1::jobtemplate/AWS-Download-File:1.0")
        needed = [p["key"] for p in template["documentParameters"] if not p.get("optional")]
        self.assertEqual(needed, ["downloadUrl", "filePath"])
        job = {"jobId": "managed", "targets": [arn("thing", "managed-a")], "jobTemplateArn": template["templateArn"]}
        with self.assertRaisesRegex(self.iot.exceptions.InvalidRequestException, "documentParameters.downloadUrl"):
            self.iot.create_job(**job)
        self.iot.create_job(**job, documentParameters={"downloadUrl": "https://files.example.net/1", "filePath": "/opt/f"})
        action = json.loads(self.iot.get_job_document(jobId="managed")["document"])["steps"][0]["action"]
        self.assertEqual(action["input"]["args"], ["https://files.example.net/1", "/opt/f"])
        self.assertEqual((action["input"]["handler"], action["input"]["path"], action["runAsUser"]), ("download-file.sh", "", ""))
