package io.jenkins.plugins.cvmfs.notify.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.util.List;

/**
 * Decodes requests. Also tells when bytes arrive, so that a slow request is timed from its first byte.
 *
 * <p>What can be read in two ways is malformed, because a proxy in front may have read it in the other: two lengths, and a header line that
 * continues in the next line (RFC 9112, 5.2). Netty joins such lines, so this looks at the lines of the head itself.
 */
final class RequestDecoder extends HttpRequestDecoder {

    private final Runnable bytesArrived;
    private boolean inHead = true;
    private boolean folded;

    /**
     * @param maxHeaderBytes maximum length of the request line, and of all header lines together
     * @param bytesArrived called before each decoding
     */
    RequestDecoder(int maxHeaderBytes, Runnable bytesArrived) {
        super(new HttpDecoderConfig().setMaxInitialLineLength(maxHeaderBytes).setMaxHeaderSize(maxHeaderBytes));
        this.bytesArrived = bytesArrived;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object bytes) throws Exception {
        bytesArrived.run();
        super.channelRead(ctx, bytes);
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
        int from = in.readerIndex();
        int known = out.size();
        super.decode(ctx, in, out);
        if (inHead) {
            folded |= hasLineStartingWithBlank(in, from, in.readerIndex());
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

    /** @param from the start of a line: a head is decoded by whole lines */
    private static boolean hasLineStartingWithBlank(ByteBuf in, int from, int to) {
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

    /** Two lengths in one request smuggle another request past a proxy in front. */
    @Override
    protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
        throw new IllegalArgumentException("both Transfer-Encoding and Content-Length");
    }

    /** Returns the response to bytes that cannot be decoded. */
    static Response refusal(Throwable cause) {
        if (cause instanceof TooLongHttpLineException) {
            return Response.error(414, "request_line_too_long");
        }
        if (cause instanceof TooLongHttpHeaderException) {
            return Response.error(431, "headers_too_long");
        }
        return Response.error(400, "malformed_request");
    }
}
