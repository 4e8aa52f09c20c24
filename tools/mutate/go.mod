module github.com/dnc-go/dnc/tools/mutate

go 1.26.0
