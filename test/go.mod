module github.com/drover-iot/drover/test

go 1.26.0

require (
	github.com/aws/aws-sdk-go-v2 v1.48.0
	github.com/aws/aws-sdk-go-v2/service/iot v1.75.0
	github.com/aws/smithy-go v1.28.9
	github.com/drover-iot/drover v0.0.0
)

require (
	github.com/aws/aws-sdk-go-v2/internal/configsources v1.4.25 // indirect
	github.com/aws/aws-sdk-go-v2/internal/endpoints/v2 v2.7.25 // indirect
	github.com/google/uuid v1.6.0 // indirect
	github.com/mochi-mqtt/server/v2 v2.7.9 // indirect
	github.com/stretchr/testify v1.11.1 // indirect
)

replace github.com/drover-iot/drover => ..
