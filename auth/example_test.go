package auth_test

import (
	"context"
	"fmt"
	"net/http"

	"golang.org/x/oauth2"

	"github.com/dnc-go/dnc/auth"
	"github.com/dnc-go/dnc/genesys/genesystest"
)

func ExampleParseRegion() {
	region, err := auth.ParseRegion("eu-west-1")
	fmt.Println(region, region.APIURL(), region.LoginURL(), err)
	_, err = auth.ParseRegion("mypurecloud.ie@evil.example")
	fmt.Println(err != nil)
	// Output:
	// mypurecloud.ie https://api.mypurecloud.ie https://login.mypurecloud.ie <nil>
	// true
}

func ExampleClientCredentials() {
	region, err := auth.ParseRegion("mypurecloud.ie")
	if err != nil {
		panic(err)
	}
	credentials := auth.ClientCredentials{Region: region, ClientID: "my-client", ClientSecret: auth.NewSecret("hunter2")}
	source, err := credentials.Source() // sends nothing yet
	fmt.Println(source.Region(), credentials.ClientSecret, err)
	// Output: mypurecloud.ie [redacted] <nil>
}

func ExampleSource_Token() {
	source := genesystest.New().Source() // a login in memory
	token, err := source.Token(context.Background())
	fmt.Println(token.Value, err)
	// Output: [redacted] <nil>
}

// Other clients of the platform can use the same tokens.
func ExampleSource_OAuth2() {
	source, err := genesystest.New().AddClient("outbound:campaign:view").Source()
	if err != nil {
		panic(err)
	}
	client := &http.Client{Transport: &oauth2.Transport{Source: source.OAuth2(context.Background()), Base: source.Transport()}}
	resp, err := client.Get(source.Region().APIURL() + "/api/v2/outbound/campaigns")
	if err != nil {
		panic(err)
	}
	defer func() { _ = resp.Body.Close() }()
	fmt.Println(resp.StatusCode)
	// Output: 200
}
