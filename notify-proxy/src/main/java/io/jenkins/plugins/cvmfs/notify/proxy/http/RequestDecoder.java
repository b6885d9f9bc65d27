package io.jenkins.plugins.cvmfs.notify.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.List;

/**
 * From bytes to the parts of requests. Also tells when bytes come, so that a slow request is timed from its first one.
 *
 * <p>What could be read in two ways is malformed, because a proxy in front may have read it in the other: two lengths, and a header line that goes on in
 * the next line (RFC 9112, 5.2). Netty joins such lines, so the lines of the head are looked at beside it.
 */
final class RequestDecoder extends HttpRequestDecoder {

    private final Runnable bytesCame;
    private boolean inHead = true;
    private boolean folded;

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

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
        int from = in.readerIndex();
        int known = out.size();
        super.decode(ctx, in, out);
        if (inHead) {
            folded |= hasLineThatBeginsWithBlank(in, from, in.readerIndex());
        }
        for (Object part : out.subList(known, out.size())) {
            if (part instanceof HttpRequest request) {
                if (folded) {
                    request.setDecoderResult(DecoderResult.failure(new IllegalArgumentException("folded header line")));
                }
                inHead = false;
                folded = false;
            }
            if (part instanceof LastHttpContent) {
                inHead = true;
            }
        }
    }

    /** @param from begin of a line: of a head, whole lines are read */
    private static boolean hasLineThatBeginsWithBlank(ByteBuf in, int from, int to) {
        for (int line = from; line < to; ) {
            byte first = in.getByte(line);
            if (first == ' ' || first == '\t') {
                return true;
            }
            int end = in.indexOf(line, to, (byte) '\n');
            if (end < 0) {
                return false;
            }
            line = end + 1;
        }
        return false;
    }

    /** Two lengths in one request are how a request is smuggled past a proxy in front. */
    @Override
    protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
        throw new IllegalArgumentException("both Transfer-Encoding and Content-Length");
    }
}
