module github.com/drover-iot/drover/test/awsv1

go 1.26.0

require (
	github.com/aws/aws-sdk-go v1.55.8
	github.com/drover-iot/drover/test v0.0.0
)

require github.com/jmespath/go-jmespath v0.4.0 // indirect

replace (
	github.com/drover-iot/drover => ../..
	github.com/drover-iot/drover/test => ..
)
