package main

import (
	"fmt"
	"net/url"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
	"go.etcd.io/etcd/server/v3/embed"
)

// newEtcdCommand serves a single member. Its flags are the few of etcd's own that starting one on loopback takes, so
// that a released etcd understands the same command line.
func newEtcdCommand() *cobra.Command {
	config := embed.NewConfig()
	addresses := []struct {
		flag  string
		value string
		into  *[]url.URL
	}{
		{flag: "listen-client-urls", into: &config.ListenClientUrls},
		{flag: "advertise-client-urls", into: &config.AdvertiseClientUrls},
		{flag: "listen-peer-urls", into: &config.ListenPeerUrls},
		{flag: "initial-advertise-peer-urls", into: &config.AdvertisePeerUrls},
	}
	command := &cobra.Command{
		Use:          "etcd",
		SilenceUsage: true,
		Args:         cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			for _, address := range addresses {
				parsed, err := url.Parse(address.value)
				if err != nil {
					return fmt.Errorf("--%s: %w", address.flag, err)
				}
				*address.into = []url.URL{*parsed}
			}
			return serve(config)
		},
	}
	flags := command.Flags()
	for i := range addresses {
		flags.StringVar(&addresses[i].value, addresses[i].flag, "", "http://127.0.0.1:PORT")
		if err := command.MarkFlagRequired(addresses[i].flag); err != nil {
			panic(err) // only for a flag that is not there, and it was made on the line above
		}
	}
	flags.StringVar(&config.Dir, "data-dir", "default.etcd", "where the data is kept")
	flags.StringVar(&config.InitialCluster, "initial-cluster", "", "default=http://127.0.0.1:PORT, the peer's address")
	flags.BoolVar(&config.UnsafeNoFsync, "unsafe-no-fsync", false, "do not wait for the disk")
	flags.StringVar(&config.LogLevel, "log-level", "warn", "debug, info, warn, error, panic or fatal")
	return command
}

func serve(config *embed.Config) error {
	server, err := embed.StartEtcd(config)
	if err != nil {
		return err
	}
	defer server.Close()
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	select {
	case <-stop:
		return nil
	case err := <-server.Err():
		return err
	case <-server.Server.StopNotify():
		return fmt.Errorf("etcd stopped by itself")
	}
}
