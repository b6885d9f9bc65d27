package io.jenkins.plugins.cvmfs.notify.proxy.netty;

import io.jenkins.plugins.cvmfs.notify.proxy.config.LimitsConfig;
import io.netty.channel.ChannelOption;
import io.netty.channel.unix.IntegerUnixChannelOption;
import java.util.Map;

/**
 * Options of TCP that Linux gives to every accepted socket when the listening one has them: set once there, they cost no system call
 * for each connection. Netty has none of them for a listening socket, hence the numbers of Linux, the same on every machine for
 * which Netty has its epoll library. They may as well be set on an accepted socket.
 */
final class InheritedOptions {

    private static final int SOL_SOCKET = 1;
    private static final int IPPROTO_TCP = 6;

    private static final ChannelOption<Integer> SO_SNDBUF = new IntegerUnixChannelOption("SO_SNDBUF", SOL_SOCKET, 7);
    private static final ChannelOption<Integer> SO_KEEPALIVE =
            new IntegerUnixChannelOption("SO_KEEPALIVE", SOL_SOCKET, 9);
    private static final ChannelOption<Integer> TCP_NODELAY =
            new IntegerUnixChannelOption("TCP_NODELAY", IPPROTO_TCP, 1);
    private static final ChannelOption<Integer> TCP_KEEPIDLE =
            new IntegerUnixChannelOption("TCP_KEEPIDLE", IPPROTO_TCP, 4);
    private static final ChannelOption<Integer> TCP_KEEPINTVL =
            new IntegerUnixChannelOption("TCP_KEEPINTVL", IPPROTO_TCP, 5);
    private static final ChannelOption<Integer> TCP_KEEPCNT =
            new IntegerUnixChannelOption("TCP_KEEPCNT", IPPROTO_TCP, 6);
    private static final ChannelOption<Integer> TCP_USER_TIMEOUT =
            new IntegerUnixChannelOption("TCP_USER_TIMEOUT", IPPROTO_TCP, 18);

    private InheritedOptions() {}

    /** All of them, in the units of Linux: seconds, and milliseconds for the user timeout. */
    static Map<ChannelOption<Integer>, Integer> of(LimitsConfig limits) {
        return Map.of(
                TCP_NODELAY,
                1,
                SO_KEEPALIVE,
                1,
                SO_SNDBUF,
                limits.backlogBytes(),
                TCP_KEEPIDLE,
                SocketTransport.seconds(limits.pingInterval()),
                TCP_KEEPINTVL,
                SocketTransport.probeInterval(limits),
                TCP_KEEPCNT,
                SocketTransport.PROBES,
                TCP_USER_TIMEOUT,
                (int) limits.stalledTimeout().toMillis());
    }
}
