package s3

import (
	"encoding/xml"
	"fmt"
	"strings"
	"testing"

	"github.com/drover-iot/drover/internal/artifact/disk"
)

func TestAnUploadInParts(t *testing.T) {
	s := start(t, nil)
	large := strings.Repeat("x", disk.LeastPart)
	var begun struct {
		UploadID string `xml:"UploadId"`
	}
	made := s.do("POST", "/firmware/k?uploads", "", "X-Amz-Checksum-Algorithm: CRC32", "Content-Type: text/plain").want(200, "").
		wantHeader("X-Amz-Checksum-Type", "COMPOSITE")
	if err := xml.Unmarshal([]byte(made.body), &begun); err != nil {
		t.Fatal(err)
	}
	at := "/firmware/k?uploadId=" + begun.UploadID
	first := s.do("PUT", at+"&partNumber=1", large).want(200, "")
	s.do("PUT", at+"&partNumber=2", "end", "X-Amz-Checksum-Crc32: qPmJfw==").want(400, "BadDigest")
	second := s.do("PUT", at+"&partNumber=2", "end").want(200, "")
	s.do("PUT", at+"&partNumber=3", "end", "X-Amz-Checksum-Sha1: AAAA").want(400, "Checksum Type mismatch")
	s.do("GET", at, "").want(200, "<PartNumber>2</PartNumber>").want(200, fmt.Sprintf("<Size>%d</Size>", len(large)))
	s.do("GET", "/firmware/k", "").want(404, "NoSuchKey")
	part := func(n int, a answer) string {
		return fmt.Sprintf("<Part><PartNumber>%d</PartNumber><ETag>%s</ETag><ChecksumCRC32>%s</ChecksumCRC32></Part>", n, a.Header.Get("ETag"), a.Header.Get("X-Amz-Checksum-Crc32"))
	}
	s.do("POST", at, "<CompleteMultipartUpload>"+part(2, second)+part(1, first)+"</CompleteMultipartUpload>").want(400, "InvalidPartOrder")
	s.do("POST", at, "<CompleteMultipartUpload></CompleteMultipartUpload>").want(400, "MalformedXML")
	s.do("POST", at, "<CompleteMultipartUpload>"+part(1, first)+part(2, second)+"</CompleteMultipartUpload>", "X-Amz-Checksum-Crc32: AAAAAA==").want(400, "BadDigest")
	s.do("POST", at, "<CompleteMultipartUpload>"+part(1, first)+part(2, second)+"</CompleteMultipartUpload>").
		want(200, "-2&#34;</ETag>").want(200, "<ChecksumType>COMPOSITE</ChecksumType>").want(200, "-2</ChecksumCRC32>")
	s.do("GET", "/firmware/k", "", "X-Amz-Checksum-Mode: ENABLED").want(200, large+"end").wantHeader("Content-Type", "text/plain").wantHeader("X-Amz-Checksum-Type", "COMPOSITE")
	s.do("GET", at, "").want(404, "NoSuchUpload")
}

func TestAnUploadWithOneChecksumOfAll(t *testing.T) {
	s := start(t, nil)
	var begun struct {
		UploadID string `xml:"UploadId"`
	}
	made := s.do("POST", "/firmware/k?uploads", "", "X-Amz-Checksum-Algorithm: CRC64NVME").want(200, "").wantHeader("X-Amz-Checksum-Type", "FULL_OBJECT")
	if err := xml.Unmarshal([]byte(made.body), &begun); err != nil {
		t.Fatal(err)
	}
	at := "/firmware/k?uploadId=" + begun.UploadID
	p := s.do("PUT", at+"&partNumber=1", "123456789").want(200, "").wantHeader("X-Amz-Checksum-Crc64nvme", "rosUhgp5mIg=")
	parts := "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>" + p.Header.Get("ETag") + "</ETag></Part></CompleteMultipartUpload>"
	s.do("POST", at, parts, "X-Amz-Checksum-Crc64nvme: AAAAAAAAAAA=").want(400, "BadDigest")
	s.do("POST", at, parts, "X-Amz-Checksum-Crc64nvme: rosUhgp5mIg=").want(200, "<ChecksumCRC64NVME>rosUhgp5mIg=</ChecksumCRC64NVME>")
	s.do("POST", "/firmware/k?uploads", "", "X-Amz-Checksum-Algorithm: SHA256", "X-Amz-Checksum-Type: FULL_OBJECT").want(400, "InvalidRequest")
}
