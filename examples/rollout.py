"""An operator who rolls a job out and speeds it up while it runs, by boto3:

    pip install boto3
    python3 rollout.py press-01 press-02 press-03

It registers the things in a group, begins with one thing a minute, raises the
rate by UpdateJob, and waits until all devices are done.
"""

import json
import os
import sys
import time

import boto3

iot = boto3.client(
    "iot",
    endpoint_url=os.environ.get("DROVER_URL", "http://127.0.0.1:7070"),
    region_name="us-east-1",
    aws_access_key_id="any",
    aws_secret_access_key="any",
)

things = sys.argv[1:] or ["press-01"]
group = iot.create_thing_group(thingGroupName="presses")
for name in things:
    iot.create_thing(thingName=name)
    iot.add_thing_to_thing_group(thingGroupName="presses", thingName=name)

iot.create_job(
    jobId="fw-2-0",
    targets=[group["thingGroupArn"]],
    document=json.dumps({"url": "http://example.com/fw-2.0.bin"}),
    jobExecutionsRolloutConfig={"maximumPerMinute": 1},
    abortConfig={
        "criteriaList": [
            {"failureType": "FAILED", "action": "CANCEL", "thresholdPercentage": 20, "minNumberOfExecutedThings": 2}
        ]
    },
    timeoutConfig={"inProgressTimeoutInMinutes": 30},
)
print("fw-2-0 goes out to one thing a minute", flush=True)

faster = False
while (job := iot.describe_job(jobId="fw-2-0")["job"])["status"] == "IN_PROGRESS":
    done = job["jobProcessDetails"]["numberOfSucceededThings"]
    if done > 0 and not faster:
        iot.update_job(jobId="fw-2-0", jobExecutionsRolloutConfig={"maximumPerMinute": 1000})
        print(f"{done} of {len(things)} did it: now to everyone", flush=True)
        faster = True
    time.sleep(0.2)

details = job["jobProcessDetails"]
print(f"{job['status']}: {details['numberOfSucceededThings']} succeeded, {details['numberOfFailedThings']} failed")
