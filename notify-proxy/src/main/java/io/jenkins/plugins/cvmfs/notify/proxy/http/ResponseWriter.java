package io.jenkins.plugins.cvmfs.notify.proxy.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.Arrays;

/**
 * Puts answers on the wire: one write, with Content-Length. The publisher of CernVM-FS takes any such answer for a success and
 * any other for a failure, whatever the status. So an error goes to it in chunks, head and body in two writes.
 */
final class ResponseWriter {

    private static final byte[] LAST_CHUNK = "\r\n0\r\n\r\n".getBytes(ISO_8859_1);

    private ResponseWriter() {}

    /** Writes and flushes; the future is that of the last byte. */
    static ChannelFuture write(Channel channel, RequestHead to, Response answer, boolean close) {
        String connection = connectionLine(to, close);
        if (answer.isError() && to.isFromCvmfs() && !to.isHead()) {
            // The subscriber of CernVM-FS looks at a body only when it holds a line break; then it sees that it is no
            // event.
            String ending = to.method().equals(HttpMethod.GET) ? "\n" : "";
            return writeAsFailure(channel, answer, connection + to.answerLines(), ending);
        }
        return channel.writeAndFlush(whole(channel, answer, connection + to.answerLines(), to.isHead()));
    }

    /**
     * Writes an error to a client of which little is known, as its request could not be read; the connection closes. It may be the
     * publisher of CernVM-FS.
     *
     * @param inChunks whether the client may understand chunks: not if it is known to speak HTTP/1.0
     */
    static ChannelFuture writeLast(Channel channel, Response answer, boolean inChunks) {
        String connection = "Connection: close\r\n";
        return inChunks
                ? writeAsFailure(channel, answer, connection, "\n")
                : channel.writeAndFlush(whole(channel, answer, connection, false));
    }

    private static String connectionLine(RequestHead to, boolean close) {
        if (close) {
            return "Connection: close\r\n";
        }
        return to.isHttp10() ? "Connection: keep-alive\r\n" : "";
    }

    private static ByteBuf whole(Channel channel, Response answer, String connection, boolean headOnly) {
        byte[] body = answer.body().getBytes(UTF_8);
        String length = hasNoBody(answer.status()) ? "" : "Content-Length: " + body.length + "\r\n";
        byte[] head = head(answer, length + connection);
        return headOnly ? buffer(channel, head) : buffer(channel, head, body);
    }

    /** Whatever length such an answer named would be read as that of the body it does not repeat. */
    private static boolean hasNoBody(HttpResponseStatus status) {
        return status.equals(HttpResponseStatus.NO_CONTENT) || status.equals(HttpResponseStatus.NOT_MODIFIED);
    }

    private static ChannelFuture writeAsFailure(Channel channel, Response answer, String lines, String ending) {
        byte[] body = (answer.body() + ending).getBytes(UTF_8);
        byte[] size = (Integer.toHexString(body.length) + "\r\n").getBytes(ISO_8859_1);
        var unused = channel.writeAndFlush(buffer(channel, head(answer, "Transfer-Encoding: chunked\r\n" + lines)));
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

    private static byte[] head(Response answer, String framingLines) {
        StringBuilder head = new StringBuilder(160);
        head.append("HTTP/1.1 ").append(answer.status()).append("\r\n");
        if (!answer.contentType().isEmpty()) {
            head.append("Content-Type: ").append(answer.contentType()).append("\r\n");
        }
        head.append(framingLines).append(answer.headerLines()).append("\r\n");
        return head.toString().getBytes(ISO_8859_1);
    }
}
