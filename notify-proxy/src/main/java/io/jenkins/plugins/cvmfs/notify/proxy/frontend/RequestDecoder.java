package io.jenkins.plugins.cvmfs.notify.proxy.frontend;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequestDecoder;

/** From bytes to the parts of requests. Also tells when bytes come, so that a slow request is timed from its first one. */
final class RequestDecoder extends HttpRequestDecoder {

    private final Runnable bytesCame;

    /**
     * @param maxHeaderBytes longest request line, and longest sum of header lines
     * @param bytesCame called before each decoding
     */
    RequestDecoder(int maxHeaderBytes, Runnable bytesCame) {
        super(new HttpDecoderConfig().setMaxInitialLineLength(maxHeaderBytes).setMaxHeaderSize(maxHeaderBytes));
        this.bytesCame = bytesCame;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object bytes) throws Exception {
        bytesCame.run();
        super.channelRead(ctx, bytes);
    }

    /** Two lengths in one request are how a request is smuggled past a proxy in front. */
    @Override
    protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
        throw new IllegalArgumentException("both Transfer-Encoding and Content-Length");
    }
}
