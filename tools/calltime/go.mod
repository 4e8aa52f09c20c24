module github.com/dnc-go/dnc/tools/calltime

go 1.26.0

require (
	github.com/dnc-go/dnc v0.0.0
	github.com/nyaruka/phonenumbers v1.8.1
)

require (
	golang.org/x/text v0.23.0 // indirect
	google.golang.org/protobuf v1.36.11 // indirect
)

replace github.com/dnc-go/dnc => ../..
