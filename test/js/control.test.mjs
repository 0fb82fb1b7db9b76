// The control plane through @aws-sdk/client-iot.
import assert from 'node:assert/strict';
import test from 'node:test';
import {
  CancelJobCommand,
  ConflictException,
  CreateJobCommand,
  CreateJobTemplateCommand,
  DeleteJobCommand,
  DeleteJobTemplateCommand,
  DescribeJobCommand,
  DescribeJobExecutionCommand,
  DescribeJobTemplateCommand,
  DescribeManagedJobTemplateCommand,
  GetJobDocumentCommand,
  InvalidRequestException,
  InvalidStateTransitionException,
  IoTClient,
  paginateListJobExecutionsForJob,
  paginateListJobs,
  paginateListJobTemplates,
  paginateListManagedJobTemplates,
  ResourceAlreadyExistsException,
  ResourceNotFoundException,
  UpdateJobCommand,
} from '@aws-sdk/client-iot';

import { account, advance, createGroup, createThing, groupArn, thingArn } from './node.mjs';

const iot = new IoTClient(account);
const send = (Command, input) => iot.send(new Command(input));

/** Reads all pages of a paginator. */
async function all(pages, entries) {
  const read = [];
  for await (const page of pages) read.push(...entries(page));
  return read;
}

test('a job is created, updated in flight, listed, cancelled and deleted', async () => {
  await createGroup('fleet', 'a', 'b', 'c');
  const job = { jobId: 'fw-3', targets: [groupArn('fleet')], document: '{"op":"flash"}' };
  await send(CreateJobCommand, { ...job, jobExecutionsRolloutConfig: { maximumPerMinute: 1 } });
  await advance('1s');
  let shown = (await send(DescribeJobCommand, { jobId: 'fw-3' })).job;
  assert.equal(shown.status, 'IN_PROGRESS');
  assert.equal(shown.jobProcessDetails.numberOfQueuedThings, 1);
  assert.ok(shown.createdAt instanceof Date);

  await send(UpdateJobCommand, { jobId: 'fw-3', description: 'faster', jobExecutionsRolloutConfig: { maximumPerMinute: 1000 } });
  await advance('2s');
  shown = (await send(DescribeJobCommand, { jobId: 'fw-3' })).job;
  assert.equal(shown.description, 'faster');
  assert.equal(shown.jobProcessDetails.numberOfQueuedThings, 3);
  assert.equal((await send(GetJobDocumentCommand, { jobId: 'fw-3' })).document, job.document);

  const executions = paginateListJobExecutionsForJob({ client: iot, pageSize: 2 }, { jobId: 'fw-3' });
  assert.deepEqual(await all(executions, (page) => page.executionSummaries.map((e) => e.thingArn)), ['a', 'b', 'c'].map(thingArn));
  const { execution } = await send(DescribeJobExecutionCommand, { jobId: 'fw-3', thingName: 'a' });
  assert.equal(execution.status, 'QUEUED');
  assert.equal(execution.executionNumber, 1);

  await assert.rejects(send(CreateJobCommand, job), ResourceAlreadyExistsException);
  await assert.rejects(send(DeleteJobCommand, { jobId: 'fw-3' }), InvalidStateTransitionException);
  await send(CancelJobCommand, { jobId: 'fw-3', reasonCode: 'RECALLED' });
  shown = (await send(DescribeJobCommand, { jobId: 'fw-3' })).job;
  assert.equal(shown.status, 'CANCELED');
  assert.equal(shown.reasonCode, 'RECALLED');
  assert.equal(shown.jobProcessDetails.numberOfCanceledThings, 3);
  await assert.rejects(send(UpdateJobCommand, { jobId: 'fw-3' }), InvalidRequestException);

  await send(DeleteJobCommand, { jobId: 'fw-3' });
  await advance('1s');
  await assert.rejects(send(DescribeJobCommand, { jobId: 'fw-3' }), ResourceNotFoundException);
});

test('a paginator reads each job once, the newest first', async () => {
  await createGroup('none');
  const ids = ['j-1', 'j-2', 'j-3', 'j-4', 'j-5'];
  for (const jobId of ids) {
    await send(CreateJobCommand, { jobId, targets: [groupArn('none')], document: '{}' });
    await advance('1s');
  }
  const jobs = paginateListJobs({ client: iot, pageSize: 2 }, {});
  assert.deepEqual(await all(jobs, (page) => page.jobs.map((j) => j.jobId)), ids.toReversed());
});

test('a template makes jobs, and a job makes a template', async () => {
  await createThing('press-1');
  const template = { jobTemplateId: 'reboot', description: 'Reboot', document: '{"op":"reboot"}' };
  const { jobTemplateArn } = await send(CreateJobTemplateCommand, { ...template, timeoutConfig: { inProgressTimeoutInMinutes: 30 } });
  await assert.rejects(send(CreateJobTemplateCommand, template), ConflictException);
  const { jobArn, description } = await send(CreateJobCommand, { jobId: 'of-template', targets: [thingArn('press-1')], jobTemplateArn });
  assert.equal(description, 'Reboot');
  const { job } = await send(DescribeJobCommand, { jobId: 'of-template' });
  assert.equal(job.jobTemplateArn, jobTemplateArn);
  assert.equal(job.timeoutConfig.inProgressTimeoutInMinutes, 30);

  await send(CreateJobTemplateCommand, { jobTemplateId: 'again', description: 'As it went', jobArn });
  const shown = await send(DescribeJobTemplateCommand, { jobTemplateId: 'again' });
  assert.equal(shown.document, template.document);
  assert.ok(shown.createdAt instanceof Date);
  const templates = paginateListJobTemplates({ client: iot, pageSize: 1 }, {});
  assert.deepEqual(await all(templates, (page) => page.jobTemplates.map((t) => t.jobTemplateId)), ['again', 'reboot']);
  await send(DeleteJobTemplateCommand, { jobTemplateId: 'again' });
  await assert.rejects(send(DescribeJobTemplateCommand, { jobTemplateId: 'again' }), ResourceNotFoundException);
});

test('a managed template is filled in', async () => {
  await createThing('press-2');
  const managed = paginateListManagedJobTemplates({ client: iot, pageSize: 3 }, {});
  assert.equal((await all(managed, (page) => page.managedJobTemplates)).length, 8);
  const template = await send(DescribeManagedJobTemplateCommand, { templateName: 'AWS-Run-Command' });
  assert.deepEqual(template.documentParameters.filter((p) => !p.optional).map((p) => p.key), ['command']);
  const job = { jobId: 'managed', targets: [thingArn('press-2')], jobTemplateArn: template.templateArn };
  await assert.rejects(send(CreateJobCommand, job), InvalidRequestException);
  await send(CreateJobCommand, { ...job, documentParameters: { command: 'echo,"<&>"' } });
  const [{ action }] = JSON.parse((await send(GetJobDocumentCommand, { jobId: 'managed' })).document).steps;
  assert.deepEqual(action, { name: 'Run-Command', type: 'runCommand', input: { command: 'echo,"<&>"' }, runAsUser: '' });
});
