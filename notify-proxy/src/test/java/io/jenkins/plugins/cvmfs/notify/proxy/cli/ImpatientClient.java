package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;

/**
 * Subscribes as the C++ client does, with a body, and has its patience: when its stream breaks it tries again at once, eleven times,
 * and then gives up. One that ends cleanly it takes for the end.
 */
final class ImpatientClient implements Runnable {

    private static final int TRIES = 11;

    private final int port;
    private final String request;
    private int failures;
    private volatile String state = "connecting";
    private volatile String received = "";

    ImpatientClient(int port, String repository) {
        String body = "{\"version\":1,\"repository\":\"" + repository + "\"}";
        this.port = port;
        this.request =
                "GET /api/v1/notifications/subscribe HTTP/1.1\r\nHost: x\r\nUser-Agent: cvmfs/2.12.0\r\nContent-Length: "
                        + body.length() + "\r\n\r\n" + body;
    }

    /** Returns when it hears of something, or gives up. */
    @Override
    public void run() {
        while (received.isEmpty() && failures <= TRIES) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                socket.setSoTimeout((int) JarProcess.LIMIT.toMillis());
                socket.getOutputStream().write(request.getBytes(UTF_8));
                listen(new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8)));
            } catch (IOException e) {
                failures++;
                state = "failed " + failures + " times: " + e.getMessage();
            }
        }
    }

    private void listen(BufferedReader stream) throws IOException {
        for (String line = stream.readLine(); line != null; line = stream.readLine()) {
            if (line.startsWith("HTTP/1.1 200")) {
                failures = 0;
                state = "subscribed";
            } else if (line.startsWith("data: ")) {
                received = line;
                return;
            }
        }
        failures = TRIES + 1;
        state = "gave up: the stream ended cleanly";
    }

    boolean isSubscribed() {
        return state.equals("subscribed");
    }

    String received() {
        return received;
    }

    @Override
    public String toString() {
        return state;
    }
}
