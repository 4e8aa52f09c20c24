package redisconn

import (
	"errors"
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"
)

// roleQuestion is a command that tells the role of a server.
type roleQuestion struct {
	name string
	args []any
	read func(reply any) (role string)
}

// roleQuestions are tried in this order until one is answered: a server may not know a command,
// have it renamed, or lack the right to it. All of them are allowed within a transaction, and none
// changes the protocol of the connection. Some servers want HELLO with a version: it is then the
// one that the client speaks.
var roleQuestions = [...]roleQuestion{
	{"ROLE", []any{"role"}, readRole},
	{"HELLO", []any{"hello"}, readHello},
	{"HELLO with a version", []any{"hello", clientProtocol}, readHello},
	{"INFO", []any{"info", "replication"}, readInfo},
}

// clientProtocol is, in args, the version of the protocol that the client speaks.
var clientProtocol = struct{}{}

// roleArgs are the words of a question about the role.
func (c *Client) roleArgs(question int) []any {
	args := roleQuestions[question].args
	if args[len(args)-1] == any(clientProtocol) {
		return []any{args[0], c.protocol}
	}
	return args
}

const assumedRole = -1 // instead of an index: the role is not asked

// readRole reads the reply of ROLE: an array that begins with master, slave or sentinel.
func readRole(reply any) string {
	if parts, ok := reply.([]any); ok && len(parts) > 0 {
		role, _ := parts[0].(string)
		return role
	}
	return ""
}

// readHello reads the reply of HELLO.
func readHello(reply any) string {
	m, _ := Map(reply)
	role, _ := m["role"].(string)
	return role
}

// readInfo reads the reply of INFO replication.
func readInfo(reply any) string {
	text, _ := reply.(string)
	for line := range strings.Lines(text) {
		if role, ok := strings.CutPrefix(strings.TrimSpace(line), "role:"); ok {
			return role
		}
	}
	return ""
}

// verdict is what an answer proves: that the server is the primary, a Fault if it is something
// else, and neither without an answer.
func verdict(question int, reply any) (primary bool, f *Fault) {
	switch roleQuestions[question].read(reply) {
	case "master", "primary":
		return true, nil
	case "slave", "replica":
		return false, &Fault{Kind: Misconfigured, Replica: true, Hint: "this server is a replica, which may lack numbers: " +
			"connect to the primary, or through Sentinel"}
	case "sentinel":
		return false, &Fault{Kind: Misconfigured, Hint: "this server is a Sentinel: give its address with master_name=NAME"}
	default:
		return false, nil
	}
}

// unanswered is what the server said instead of a role, and "" if that concerns more than this
// question. An error that every command has is one of the connection.
func unanswered(question int, reply any, others []any) string {
	name := roleQuestions[question].name
	err, failed := reply.(error)
	if !failed {
		return name + ": the reply has no role"
	}
	var server redis.Error
	if !errors.As(err, &server) || errors.Is(err, redis.Nil) {
		return ""
	}
	for _, other := range others {
		if e, ok := other.(error); ok && e.Error() == err.Error() {
			return ""
		}
	}
	switch word, _, _ := strings.Cut(server.Error(), " "); word {
	case "ERR", "NOPERM", "NOPROTO":
		return name + ": " + redact(server.Error())
	}
	return ""
}

// noRole is the fault of a server that answered none of the questions.
func noRole(said []string) *Fault {
	return &Fault{Kind: Misconfigured, Hint: fmt.Sprintf("the server does not say whether it is the primary (%s): "+
		"allow one of the commands ROLE, HELLO and INFO, or go around the proxy; "+
		"dnc.DangerouslyAssumePrimary does without", strings.Join(said, "; "))}
}
