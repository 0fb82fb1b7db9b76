"""The store of artifacts through boto3."""

import configparser
import io
import os
import unittest
import urllib.error
import urllib.request

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError

from harness import URL


def store(**config):
    """A client of the node's artifacts, by its own key."""
    keys = configparser.ConfigParser()
    keys.read(os.environ["DROVER_CREDENTIALS"])
    return boto3.client(
        "s3",
        endpoint_url=URL + "/s3",
        region_name="us-east-1",
        aws_access_key_id=keys["default"]["aws_access_key_id"],
        aws_secret_access_key=keys["default"]["aws_secret_access_key"],
        config=Config(retries={"max_attempts": 0}, **config),
    )


def fetch(url, method="GET", body=None, **headers):
    request = urllib.request.Request(url, data=body, method=method, headers=headers)
    with urllib.request.urlopen(request) as answer:
        return answer.read()


class Artifacts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.s3 = store()

    def bucket(self, name):
        self.s3.create_bucket(Bucket=name)
        return name

    def refused(self, code, call, **args):
        with self.assertRaises(ClientError) as raised:
            call(**args)
        self.assertEqual(raised.exception.response["Error"]["Code"], code)

    def test_an_object_comes_back_with_what_is_known_of_it(self):
        bucket = self.bucket("objects")
        self.s3.put_object(Bucket=bucket, Key="a b/ü+%.bin", Body=b"0123456789", ContentType="text/plain", Metadata={"version": "3"})
        got = self.s3.get_object(Bucket=bucket, Key="a b/ü+%.bin")
        self.assertEqual((got["Body"].read(), got["ContentType"], got["Metadata"]), (b"0123456789", "text/plain", {"version": "3"}))
        part = self.s3.get_object(Bucket=bucket, Key="a b/ü+%.bin", Range="bytes=4-6", IfMatch=got["ETag"])
        self.assertEqual((part["Body"].read(), part["ContentRange"]), (b"456", "bytes 4-6/10"))
        self.assertEqual(self.s3.head_object(Bucket=bucket, Key="a b/ü+%.bin")["ContentLength"], 10)
        self.refused("NoSuchKey", self.s3.get_object, Bucket=bucket, Key="nothing")
        self.refused("InvalidRange", self.s3.get_object, Bucket=bucket, Key="a b/ü+%.bin", Range="bytes=10-")
        self.refused("PreconditionFailed", self.s3.get_object, Bucket=bucket, Key="a b/ü+%.bin", IfMatch='"x"')

    def test_every_checksum_is_taken(self):
        bucket = self.bucket("checksums")
        model = self.s3.meta.service_model.operation_model("PutObject").input_shape.members
        if "ChecksumAlgorithm" not in model:
            raise unittest.SkipTest("this boto3 has no checksums")
        for algorithm in ("CRC32", "SHA1", "SHA256"):
            made = self.s3.put_object(Bucket=bucket, Key=algorithm, Body=b"hello", ChecksumAlgorithm=algorithm)
            got = self.s3.get_object(Bucket=bucket, Key=algorithm, ChecksumMode="ENABLED")
            self.assertEqual(got["Checksum" + algorithm], made["Checksum" + algorithm])
            self.assertEqual(got["Body"].read(), b"hello")

    def test_a_large_object_goes_in_parts_and_comes_back(self):
        bucket = self.bucket("large")
        body = os.urandom(20 << 20)
        transfer = TransferConfig(multipart_threshold=8 << 20, multipart_chunksize=8 << 20)
        self.s3.upload_fileobj(io.BytesIO(body), bucket, "large.bin", Config=transfer)
        back = io.BytesIO()
        self.s3.download_fileobj(bucket, "large.bin", back, Config=transfer)
        self.assertEqual(back.getvalue(), body)
        self.assertTrue(self.s3.head_object(Bucket=bucket, Key="large.bin")["ETag"].endswith('-3"'))

    def test_a_copy_is_the_object_again(self):
        bucket = self.bucket("copies")
        made = self.s3.put_object(Bucket=bucket, Key="a b/ü+%", Body=b"hello", ContentType="text/plain", Metadata={"version": "3"})
        source = {"Bucket": bucket, "Key": "a b/ü+%"}
        copied = self.s3.copy_object(Bucket=bucket, Key="copy", CopySource=source, CopySourceIfMatch=made["ETag"])
        self.assertEqual(copied["CopyObjectResult"]["ETag"], made["ETag"])
        got = self.s3.get_object(Bucket=bucket, Key="copy")
        self.assertEqual((got["Body"].read(), got["ContentType"], got["Metadata"]), (b"hello", "text/plain", {"version": "3"}))
        self.s3.copy_object(Bucket=bucket, Key="copy", CopySource=source, MetadataDirective="REPLACE", ContentType="text/x")
        self.assertEqual(self.s3.head_object(Bucket=bucket, Key="copy")["ContentType"], "text/x")
        self.refused("InvalidRequest", self.s3.copy_object, Bucket=bucket, Key="a b/ü+%", CopySource=source)
        self.refused("NoSuchKey", self.s3.copy_object, Bucket=bucket, Key="k", CopySource={"Bucket": bucket, "Key": "nothing"})
        self.refused("PreconditionFailed", self.s3.copy_object, Bucket=bucket, Key="k", CopySource=source, CopySourceIfNoneMatch=made["ETag"])

    def test_an_upload_that_was_forgotten_is_found_and_ended(self):
        bucket = self.bucket("uploads")
        begun = self.s3.create_multipart_upload(Bucket=bucket, Key="a b")
        listed = self.s3.list_multipart_uploads(Bucket=bucket)["Uploads"]
        self.assertEqual([(u["Key"], u["UploadId"]) for u in listed], [("a b", begun["UploadId"])])
        self.s3.abort_multipart_upload(Bucket=bucket, Key="a b", UploadId=begun["UploadId"])
        self.assertNotIn("Uploads", self.s3.list_multipart_uploads(Bucket=bucket))

    def test_lists_go_page_by_page(self):
        bucket = self.bucket("lists")
        keys = sorted(f"k/{n}" for n in range(5)) + ["z"]
        for key in keys:
            self.s3.put_object(Bucket=bucket, Key=key, Body=b"")
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, PaginationConfig={"PageSize": 2})
        self.assertEqual([o["Key"] for page in pages for o in page["Contents"]], keys)
        top = self.s3.list_objects_v2(Bucket=bucket, Delimiter="/")
        self.assertEqual((top["CommonPrefixes"], [o["Key"] for o in top["Contents"]]), ([{"Prefix": "k/"}], ["z"]))
        done = self.s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key} for key in keys]})
        self.assertEqual(sorted(o["Key"] for o in done["Deleted"]), keys)
        self.assertEqual(self.s3.list_objects_v2(Bucket=bucket)["KeyCount"], 0)
        self.s3.delete_bucket(Bucket=bucket)

    def test_whoever_has_a_signed_url_gets_and_puts_by_it(self):
        bucket = self.bucket("signed")
        for version in (None, "s3v4"):
            s3 = store(signature_version=version) if version else self.s3
            at = {"Bucket": bucket, "Key": "a b/k"}
            fetch(s3.generate_presigned_url("put_object", at, 60), "PUT", b"0123456789", **{"Content-Type": ""} if not version else {})
            get = s3.generate_presigned_url("get_object", at, 60)
            self.assertEqual(fetch(get, Range="bytes=4-"), b"456789")
            with self.assertRaises(urllib.error.HTTPError) as raised:
                fetch(get.replace("a%20b", "a%20c"))
            self.assertEqual(raised.exception.code, 403)
            typed = s3.generate_presigned_url("get_object", {**at, "ResponseContentType": "text/x"}, 60)
            with urllib.request.urlopen(typed) as answer:
                self.assertEqual(answer.headers["Content-Type"], "text/x")
