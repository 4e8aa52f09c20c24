package registry

func child(string) {}
