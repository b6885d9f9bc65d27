package io.jenkins.plugins.cvmfs.notify.proxy.brokersetup;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.PermanentFailureException;
import io.jenkins.plugins.cvmfs.notify.client.RefusedException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.proxy.config.Secret;
import io.jenkins.plugins.cvmfs.notify.proxy.tls.TlsIdentity;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;

/** RabbitMQ's management API, as one user. Blocks; one thread. */
public final class ManagementApi {

    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(10);
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(30);
    private static final JsonMapper JSON = new JsonMapper();

    private final URI server;
    private final String user;
    private final String authorization;
    private final HttpClient client;

    private ManagementApi(URI server, String user, Secret password, SSLContext tls) {
        this.server = server;
        this.user = user;
        this.authorization =
                "Basic " + Base64.getEncoder().encodeToString((user + ":" + password.value()).getBytes(UTF_8));
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT_LIMIT)
                .sslContext(tls)
                .build();
    }

    /**
     * Connects with the first request.
     *
     * @param server such as {@code http://localhost:15672}
     * @param caFile PEM file with the authorities that may sign the server's certificate; empty means the JVM's
     * @throws InvalidInputException if that file cannot be used
     */
    public static ManagementApi at(URI server, String user, Secret password, Optional<Path> caFile) {
        return new ManagementApi(server, user, password, TlsIdentity.clientContext(caFile, Optional.empty()));
    }

    String user() {
        return user;
    }

    /** Returns the object at this path; empty if it does not exist. */
    Optional<JsonNode> get(List<String> path) {
        HttpResponse<String> answer = send(request(path).GET().build());
        return answer.statusCode() == 404 ? Optional.empty() : Optional.of(json(answer, path));
    }

    /** Creates or replaces the object at this path. */
    void put(List<String> path, JsonNode body) {
        HttpResponse<String> answer = send(request(path)
                .header("Content-Type", "application/json")
                .PUT(BodyPublishers.ofString(body.toString()))
                .build());
        if (answer.statusCode() / 100 != 2) {
            throw refused(answer, path);
        }
    }

    private HttpRequest.Builder request(List<String> path) {
        String encoded = path.stream()
                .map(segment -> URLEncoder.encode(segment, UTF_8).replace("+", "%20"))
                .collect(Collectors.joining("/"));
        return HttpRequest.newBuilder(URI.create(server.toString().replaceAll("/+$", "") + "/api/" + encoded))
                .timeout(ANSWER_LIMIT)
                .header("Authorization", authorization);
    }

    private HttpResponse<String> send(HttpRequest request) {
        HttpResponse<String> answer;
        try {
            answer = client.send(request, BodyHandlers.ofString());
        } catch (IOException e) {
            throw unreachable(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TransientFailureException("interrupted while waiting for an answer of " + server, e);
        }
        if (answer.statusCode() == 401) {
            throw new RefusedException(("%s refuses the user %s: the password is wrong, the user lacks the tag"
                            + " administrator, or it is guest, who may log in only on the broker's own machine")
                    .formatted(server, user));
        }
        return answer;
    }

    private NotifyException unreachable(IOException failure) {
        if (NotifyException.find(SSLException.class, failure).isPresent()) {
            return new PermanentFailureException(
                    "the certificate of %s is not trusted: %s; --ca-file names the authorities that may sign it, and it must name the host"
                            .formatted(server, text(failure)),
                    failure);
        }
        if (failure instanceof HttpConnectTimeoutException
                || NotifyException.find(ConnectException.class, failure).isPresent()) {
            return new TransientFailureException(
                    ("cannot connect to %s: is the broker up, and its management plugin enabled (rabbitmq-plugins"
                                    + " enable rabbitmq_management)? It listens on port 15672, with TLS on 15671")
                            .formatted(server),
                    failure);
        }
        if (failure instanceof HttpTimeoutException) {
            return new TransientFailureException(
                    "%s did not answer within %d s; look at the load and the alarms of the broker"
                            .formatted(server, ANSWER_LIMIT.toSeconds()),
                    failure);
        }
        return new TransientFailureException(
                "%s did not answer with HTTP: %s; is it the management plugin's port, not that of AMQP, and is http or https right?"
                        .formatted(server, text(failure)),
                failure);
    }

    private static String text(Throwable failure) {
        return Excerpt.of(String.valueOf(failure.getMessage()));
    }

    private JsonNode json(HttpResponse<String> answer, List<String> path) {
        if (answer.statusCode() != 200) {
            throw refused(answer, path);
        }
        return parsed(answer)
                .orElseThrow(() -> new PermanentFailureException(
                        "%s is not RabbitMQ's management API: it does not answer with JSON".formatted(server)));
    }

    private NotifyException refused(HttpResponse<String> answer, List<String> path) {
        String reason = parsed(answer)
                .orElseGet(MissingNode::getInstance)
                .path("reason")
                .asText("no reason given");
        return new PermanentFailureException("the broker refuses %s with %d: %s"
                .formatted(String.join(" ", path), answer.statusCode(), Excerpt.of(reason)));
    }

    private static Optional<JsonNode> parsed(HttpResponse<String> answer) {
        try {
            return Optional.of(JSON.readTree(answer.body())).filter(JsonNode::isContainerNode);
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }
}
