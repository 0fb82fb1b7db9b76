package artifact

import (
	"crypto/sha256"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestAChainIsThatOfAWSsExamples: 65 KiB of "a" in chunks of 64 KiB, with and
// without a trailer, as in the reference of S3 on signatures.
func TestAChainIsThatOfAWSsExamples(t *testing.T) {
	s := NewSigner(Endpoint{URL: "http://h/s3", AccessKey: "AKIAIOSFODNN7EXAMPLE", SecretKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"})
	for _, c := range []struct {
		name, seed string
		chunks     [3]string
		trailers   string
		behind     string
	}{
		{
			"without trailers", "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9", [3]string{
				"ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
				"0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
				"b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
			}, "", "",
		},
		{
			"with a checksum behind", "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e", [3]string{
				"b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
				"1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
				"2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
			}, "x-amz-checksum-crc32c:sOO8/Q==\n", "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodPut, "/examplebucket/chunkObject.txt", nil)
			r.Header.Set("X-Amz-Date", "20130524T000000Z")
			r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=host,Signature="+c.seed)
			chain := s.Chain(r)
			for i, size := range []int{64 << 10, 1 << 10, 0} {
				sum := sha256.Sum256([]byte(strings.Repeat("a", size)))
				if err := chain.Chunk(sum[:], c.chunks[i]); err != nil {
					t.Fatalf("chunk %d: %v", i, err)
				}
			}
			if c.trailers == "" {
				return
			}
			if err := chain.Trailers(c.trailers, c.behind); err != nil {
				t.Error(err)
			}
			if err := chain.Trailers(c.trailers, c.behind); !Is(err, SignatureDoesNotMatch) {
				t.Errorf("the same once more is answered with %v", err)
			}
		})
	}
}
