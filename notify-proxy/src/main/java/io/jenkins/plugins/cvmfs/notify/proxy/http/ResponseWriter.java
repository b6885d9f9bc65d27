package io.jenkins.plugins.cvmfs.notify.proxy.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Writes responses: at once, with Content-Length. The publisher of CernVM-FS takes any such response for a success and any other for a
 * failure, whatever the status; so it gets errors in chunks, head and body in two writes.
 */
final class ResponseWriter {

    private static final byte[] LAST_CHUNK = "\r\n0\r\n\r\n".getBytes(ISO_8859_1);
    private static final byte[] NONE = {};

    private ResponseWriter() {}

    /** Writes and flushes; the future completes with the last byte. */
    static ChannelFuture write(Channel channel, Request to, Response response, boolean close) {
        String connection = connectionLine(to, close);
        if (response.isError() && to.isFromCvmfs() && !to.isHead()) {
            // The subscriber of CernVM-FS reads a body only up to a line break; with one it sees that this is not an
            // event.
            String ending = to.method().equals(HttpMethod.GET) ? "\n" : "";
            return writeAsFailure(channel, response, connection + to.responseLines(), ending);
        }
        return writeWhole(channel, response, connection + to.responseLines(), to.isHead());
    }

    /**
     * Writes an error to a client whose request cannot be read; it may be the publisher of CernVM-FS. The connection closes.
     *
     * @param inChunks false if the client is known to use HTTP/1.0
     */
    static ChannelFuture writeLast(Channel channel, Response response, boolean inChunks) {
        String connection = "Connection: close\r\n";
        return inChunks
                ? writeAsFailure(channel, response, connection, "\n")
                : writeWhole(channel, response, connection, false);
    }

    private static String connectionLine(Request to, boolean close) {
        if (close) {
            return "Connection: close\r\n";
        }
        return to.isHttp10() ? "Connection: keep-alive\r\n" : "";
    }

    private static ChannelFuture writeWhole(Channel channel, Response response, String connection, boolean headOnly) {
        ByteBuffer shared = response.encodedBody();
        byte[] own = shared == null ? response.body().getBytes(UTF_8) : NONE;
        int bodyLength = shared == null ? own.length : shared.remaining();
        String length = hasNoBody(response.status()) ? "" : "Content-Length: " + bodyLength + "\r\n";
        byte[] head = head(response, length + connection);
        if (headOnly) {
            return channel.writeAndFlush(buffer(channel, head));
        }
        if (shared == null) {
            return channel.writeAndFlush(buffer(channel, head, own));
        }
        var unused = channel.write(buffer(channel, head));
        // The memory lives as long as any connection refers to it, whatever becomes of this buffer.
        return channel.writeAndFlush(Unpooled.wrappedBuffer(shared.duplicate()));
    }

    /** A length in such a response would be read as that of the body it does not repeat. */
    private static boolean hasNoBody(int status) {
        return status == 204 || status == 304;
    }

    private static ChannelFuture writeAsFailure(Channel channel, Response response, String lines, String ending) {
        byte[] body = (response.body() + ending).getBytes(UTF_8);
        byte[] size = (Integer.toHexString(body.length) + "\r\n").getBytes(ISO_8859_1);
        var unused = channel.writeAndFlush(buffer(channel, head(response, "Transfer-Encoding: chunked\r\n" + lines)));
        return channel.writeAndFlush(buffer(channel, size, body, LAST_CHUNK));
    }

    private static ByteBuf buffer(Channel channel, byte[]... parts) {
        int length = Arrays.stream(parts).mapToInt(part -> part.length).sum();
        ByteBuf buffer = channel.alloc().directBuffer(length);
        for (byte[] part : parts) {
            buffer.writeBytes(part);
        }
        return buffer;
    }

    private static byte[] head(Response response, String framingLines) {
        StringBuilder head = new StringBuilder(160);
        head.append("HTTP/1.1 ")
                .append(HttpResponseStatus.valueOf(response.status()))
                .append("\r\n");
        if (!response.contentType().isEmpty()) {
            head.append("Content-Type: ").append(response.contentType()).append("\r\n");
        }
        head.append(framingLines).append(response.headerLines()).append("\r\n");
        return head.toString().getBytes(ISO_8859_1);
    }
}
