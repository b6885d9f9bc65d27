package io.jenkins.plugins.cvmfs.notify.proxy.http;

import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import java.net.InetAddress;

/** Requests for routes that are tested without a connection. */
public final class TestRequest {

    private TestRequest() {}

    /**
     * Makes a GET from this machine.
     *
     * @param headers names and values in turn
     */
    public static Request get(String path, String... headers) {
        var request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, path);
        request.headers().set("Host", "proxy.example.org");
        for (int i = 0; i < headers.length; i += 2) {
            request.headers().set(headers[i], headers[i + 1]);
        }
        return Request.of(request, new Peer(InetAddress.getLoopbackAddress(), Peer.Source.SOCKET, null));
    }

    /** Returns what a route answers at once. */
    public static Response answer(Route route, Request request) {
        Response[] response = new Response[1];
        route.handle(request, new Route.Exchange() {
            @Override
            public void answer(Response given) {
                response[0] = given;
            }

            @Override
            public void handOver(Route.Successor successor) {
                throw new AssertionError("the route answers");
            }
        });
        if (response[0] == null) {
            throw new AssertionError("no answer to " + request.path());
        }
        return response[0];
    }
}
