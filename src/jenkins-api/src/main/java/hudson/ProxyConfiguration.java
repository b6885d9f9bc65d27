package hudson;

import java.net.http.HttpClient;

public final class ProxyConfiguration {
    public static HttpClient.Builder newHttpClientBuilder() {
        throw new UnsupportedOperationException();
    }
}
