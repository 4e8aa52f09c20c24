module github.com/dnc-go/dnc/tools/api

go 1.26.0
