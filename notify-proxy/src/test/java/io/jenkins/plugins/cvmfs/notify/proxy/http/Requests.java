package io.jenkins.plugins.cvmfs.notify.proxy.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;

/** Requests as the programs in the field send them, byte for byte. */
public final class Requests {

    public static final String CVMFS = "User-Agent: cvmfs/2.12.0\r\n";
    public static final String KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

    private Requests() {}

    /**
     * Makes a GET.
     *
     * @param headerLines each ended by CR LF
     */
    public static String get(String target, String... headerLines) {
        return request("GET", target, "", headerLines);
    }

    public static String request(String method, String target, String body, String... headerLines) {
        String length = body.isEmpty() ? "" : "Content-Length: " + body.getBytes(UTF_8).length + "\r\n";
        return method + " " + target + " HTTP/1.1\r\nHost: proxy.example.org:4930\r\n" + length
                + String.join("", headerLines) + "\r\n" + body;
    }

    /** As {@code cvmfs_swissknife notify -p} does, generation 1 or 2 by the path. */
    public static String publishByCvmfs(String path, String message) {
        return request(
                "POST", path, message, CVMFS, "Accept: */*\r\n", "Content-Type: application/x-www-form-urlencoded\r\n");
    }

    public static String publish(String message) {
        return request("POST", "/api/v1/publish", message);
    }

    public static String publish(String repository, long revision) {
        return publish(message(repository, revision));
    }

    public static String message(String repository, long revision) {
        return new String(TestProxy.message(repository, revision), UTF_8);
    }

    /** As the C++ client of generation 2 does. */
    public static String subscribeByBody(String repository) {
        return request(
                "GET",
                "/api/v1/notifications/subscribe",
                subscription(repository),
                CVMFS,
                "Accept: */*\r\n",
                "Content-Type: application/x-www-form-urlencoded\r\n");
    }

    public static String subscription(String repository) {
        return "{\"version\":1,\"repository\":\"" + repository + "\"}";
    }

    public static String upgrade(String target, String... headerLines) {
        String[] all = Arrays.copyOf(headerLines, headerLines.length + 4);
        all[headerLines.length] = "Upgrade: websocket\r\n";
        all[headerLines.length + 1] = "Connection: Upgrade\r\n";
        all[headerLines.length + 2] = KEY;
        all[headerLines.length + 3] = "Sec-WebSocket-Version: 13\r\n";
        return get(target, all);
    }
}
