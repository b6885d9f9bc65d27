package hudson;

import hudson.model.Saveable;
import java.net.http.HttpClient;

public final class ProxyConfiguration implements Saveable {
    public static HttpClient.Builder newHttpClientBuilder() {
        throw new UnsupportedOperationException();
    }
}
