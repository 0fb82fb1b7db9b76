"""Shadows, publishing and retained messages through boto3."""

import json
import unittest

from harness import client


class Data(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.iot, cls.data = client("iot"), client("iot-data")

    def read(self, answer):
        return json.loads(answer["payload"].read())

    def test_a_shadow_is_updated_read_and_deleted(self):
        self.iot.create_thing(thingName="press:07")
        for name in ({}, {"shadowName": "config"}):
            key = {"thingName": "press:07", **name}
            known = self.data.exceptions
            with self.assertRaises(known.ResourceNotFoundException):
                self.data.get_thing_shadow(**key)
            made = self.read(self.data.update_thing_shadow(payload=json.dumps({"state": {"desired": {"fw": "3.0", "l": [1, 2]}}}), **key))
            self.assertEqual((made["version"], made["state"]), (1, {"desired": {"fw": "3.0", "l": [1, 2]}}))
            self.data.update_thing_shadow(payload=b'{"state":{"reported":{"fw":"2.0"}},"version":1}', **key)
            shown = self.read(self.data.get_thing_shadow(**key))
            self.assertEqual(shown["state"]["delta"], {"fw": "3.0", "l": [1, 2]})
            self.assertEqual(shown["metadata"]["reported"]["fw"], {"timestamp": shown["timestamp"]})
            with self.assertRaisesRegex(known.ConflictException, "Version conflict"):
                self.data.update_thing_shadow(payload=b'{"state":{},"version":7}', **key)
            with self.assertRaises(known.InvalidRequestException):
                self.data.update_thing_shadow(payload=b"{}", **key)
            with self.assertRaises(known.RequestEntityTooLargeException):
                self.data.update_thing_shadow(payload=json.dumps({"state": {"desired": {"a": "x" * 9000}}}), **key)
            with self.assertRaises(known.UnsupportedDocumentEncodingException):
                self.data.update_thing_shadow(payload=b'{"state":"\xff"}', **key)
        self.assertEqual(self.data.list_named_shadows_for_thing(thingName="press:07")["results"], ["config"])
        self.assertEqual(self.read(self.data.delete_thing_shadow(thingName="press:07"))["version"], 2)
        with self.assertRaises(self.data.exceptions.ResourceNotFoundException):
            self.data.get_thing_shadow(thingName="press:07")

    def test_a_message_is_published_and_retained(self):
        self.data.publish(
            topic="line-a/press/ü",
            qos=1,
            retain=True,
            payload=b"\x00\xff",
            contentType="application/octet-stream",
            messageExpiry=3600,
            userProperties=json.dumps([{"unit": "bar"}]),
            payloadFormatIndicator="UNSPECIFIED_BYTES",
            correlationData="AAE=",
        )
        kept = self.data.get_retained_message(topic="line-a/press/ü")
        self.assertEqual((kept["payload"], kept["qos"], json.loads(kept["userProperties"])), (b"\x00\xff", 1, [{"unit": "bar"}]))
        pages = self.data.get_paginator("list_retained_messages").paginate()
        listed = [(r["topic"], r["payloadSize"]) for page in pages for r in page["retainedTopics"]]
        self.assertEqual(listed, [("line-a/press/ü", 2)])
        self.data.publish(topic="line-a/press/ü", retain=True)
        with self.assertRaises(self.data.exceptions.ResourceNotFoundException):
            self.data.get_retained_message(topic="line-a/press/ü")

    def test_a_thing_that_never_was_connected_is_not(self):
        self.iot.create_thing(thingName="idle")
        got = self.iot.get_thing_connectivity_data(thingName="idle")
        self.assertEqual((got["connected"], got["disconnectReason"]), (False, "UNKNOWN"))
