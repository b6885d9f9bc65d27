package io.jenkins.plugins.cvmfs.notify.proxy.fanout;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;

/** Stands first in a test's pipeline and plays the peer that does not read: while shut, nothing leaves the outbound buffer. */
public final class Valve extends ChannelOutboundHandlerAdapter {

    private boolean shut;

    public void shut() {
        shut = true;
    }

    public void open(ChannelHandlerContext ctx) {
        shut = false;
        ctx.flush();
    }

    @Override
    public void flush(ChannelHandlerContext ctx) {
        if (!shut) {
            ctx.flush();
        }
    }
}
