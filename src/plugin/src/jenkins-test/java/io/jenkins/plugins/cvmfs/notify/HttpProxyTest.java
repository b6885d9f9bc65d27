package io.jenkins.plugins.cvmfs.notify;

import static org.assertj.core.api.Assertions.assertThat;

import hudson.ProxyConfiguration;
import io.jenkins.plugins.cvmfs.notify.config.ServerEntry;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** All servers are behind Jenkins' HTTP proxy: their names mean nothing outside it. */
class HttpProxyTest extends PipelineFixture {

    private ForwardProxy proxy;

    @AfterEach
    void closeProxy() throws Exception {
        proxy.close();
    }

    @ParameterizedTest
    @CsvSource({
        "websocket, , CONNECT notify.invalid:80 HTTP/1.1",
        "websocket, jenkins:s3cret, CONNECT notify.invalid:80 HTTP/1.1",
        "sse, , GET http://notify.invalid/api/v1/notifications/subscribe?repository=sw.example.org HTTP/1.1",
        "sse, jenkins:s3cret, GET http://notify.invalid/api/v1/notifications/subscribe?repository=sw.example.org HTTP/1.1"
    })
    void bothStepsGoThroughJenkinsHttpProxy(String transport, String login, String subscription) throws Exception {
        // Given
        proxy = new ForwardProxy(site, login == null ? "" : login);
        jenkins.jenkins.setProxy(
                login == null
                        ? new ProxyConfiguration("127.0.0.1", proxy.port())
                        : new ProxyConfiguration("127.0.0.1", proxy.port(), "jenkins", "s3cret"));
        SiteConfiguration behind = ForwardProxy.behind(site);
        ServerEntry server = new ServerEntry("main", behind.server());
        server.setTransport(transport);
        behind.apply(server);

        // When
        WorkflowRun run = start("""
                def rev = cvmfsPublishNotify repository: 'sw.example.org'
                waitForCvmfsRevision repository: rev.repository, after: rev.revision
                """);
        awaitLog("connected to the notification server", run);
        site.publish();
        site.replicateEverywhere();
        site.announce(site.manifest());

        // Then
        jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
        assertThat(proxy.heads)
                .extracting(head -> head.lines().findFirst().orElseThrow())
                .contains(
                        "GET http://cvmfs.invalid/zero/sw.example.org/.cvmfspublished HTTP/1.1",
                        "GET http://cvmfs.invalid/site-b/sw.example.org/.cvmfspublished HTTP/1.1",
                        "POST http://notify.invalid/api/v1/publish HTTP/1.1",
                        subscription);
    }
}
