package io.jenkins.plugins.cvmfs.notify.proxy.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;

/** From bytes to WebSocket frames. Also tells when bytes come, so that a slow message is timed from its first one. */
final class FrameDecoder extends WebSocket13FrameDecoder {

    private final Runnable bytesCame;

    /** @param bytesCame called before each decoding */
    FrameDecoder(WebSocketDecoderConfig config, Runnable bytesCame) {
        super(config);
        this.bytesCame = bytesCame;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object bytes) throws Exception {
        bytesCame.run();
        super.channelRead(ctx, bytes);
    }
}
