module github.com/dnc-go/dnc/tools/contract

go 1.26.0
