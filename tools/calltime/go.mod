module github.com/dnc-go/dnc/tools/calltime

go 1.26.0

require (
	github.com/dnc-go/dnc v0.0.0
	github.com/nyaruka/phonenumbers v1.8.1
)

require (
	github.com/cespare/xxhash/v2 v2.3.0 // indirect
	github.com/redis/go-redis/v9 v9.23.0 // indirect
	github.com/sony/gobreaker/v2 v2.4.0 // indirect
	go.uber.org/atomic v1.12.0 // indirect
	golang.org/x/sys v0.48.0 // indirect
	golang.org/x/text v0.23.0 // indirect
	google.golang.org/protobuf v1.36.11 // indirect
)

replace github.com/dnc-go/dnc => ../..
