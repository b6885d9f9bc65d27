package io.jenkins.plugins.cvmfs.notify;

import static org.assertj.core.api.Assertions.assertThat;

import hudson.ProxyConfiguration;
import io.jenkins.plugins.cvmfs.notify.config.CvmfsNotifyConfiguration;
import io.jenkins.plugins.cvmfs.notify.config.ReplicaEntry;
import io.jenkins.plugins.cvmfs.notify.config.RepositoryEntry;
import io.jenkins.plugins.cvmfs.notify.config.ServerEntry;
import io.jenkins.plugins.cvmfs.notify.page.CvmfsBuildAction;
import io.jenkins.plugins.cvmfs.notify.page.WaitRecord;
import java.util.stream.Stream;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Jenkins' HTTP proxy. Where servers are behind it, their names mean nothing outside. */
class HttpProxyTest extends PipelineFixture {

    private static final String BOTH = """
            def rev = cvmfsPublishNotify repository: 'sw.example.org'
            waitForCvmfsRevision repository: rev.repository, after: rev.revision
            """;

    private ForwardProxy proxy;

    @AfterEach
    void closeProxy() throws Exception {
        if (proxy != null) {
            proxy.close();
        }
    }

    private static ServerEntry server(String url, String transport) {
        ServerEntry server = new ServerEntry("main", url);
        server.setTransport(transport);
        return server;
    }

    /** Both steps in one build, which succeeds with a revision that comes while it waits. */
    private WorkflowRun announceAndWait() throws Exception {
        WorkflowRun run = start(BOTH);
        awaitLog("connected to the notification server", run);
        site.publish();
        site.replicateEverywhere();
        site.announce(site.manifest());
        return jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
    }

    @ParameterizedTest
    @CsvSource({
        "websocket, , CONNECT notify.invalid:80 HTTP/1.1",
        "websocket, jenkins:s3cret, CONNECT notify.invalid:80 HTTP/1.1",
        "sse, , GET http://notify.invalid/api/v1/notifications/subscribe?hold=none&repository=sw.example.org HTTP/1.1",
        "sse, jenkins:s3cret, GET http://notify.invalid/api/v1/notifications/subscribe?hold=none&repository=sw.example.org HTTP/1.1"
    })
    void bothStepsGoThroughJenkinsHttpProxy(String transport, String login, String subscription) throws Exception {
        // Given
        proxy = new ForwardProxy(site, login == null ? "" : login);
        jenkins.jenkins.setProxy(
                login == null
                        ? new ProxyConfiguration("127.0.0.1", proxy.port())
                        : new ProxyConfiguration("127.0.0.1", proxy.port(), "jenkins", "s3cret"));
        SiteConfiguration behind = ForwardProxy.behind(site);
        behind.apply(server(behind.server(), transport));

        // When
        announceAndWait();

        // Then
        assertThat(proxy.heads)
                .extracting(head -> head.lines().findFirst().orElseThrow())
                .contains(
                        "GET http://cvmfs.invalid/zero/sw.example.org/.cvmfspublished HTTP/1.1",
                        "GET http://cvmfs.invalid/site-b/sw.example.org/.cvmfspublished HTTP/1.1",
                        "POST http://notify.invalid/api/v1/publish HTTP/1.1",
                        subscription);
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "sse"})
    void hostsThatNeedNoProxyAreReachedWithoutIt(String transport) throws Exception {
        // Given a proxy that knows none of the servers
        proxy = new ForwardProxy(site, "");
        jenkins.jenkins.setProxy(
                new ProxyConfiguration("127.0.0.1", proxy.port(), null, null, "intranet.example.org\n127.0.0.*"));
        site.configuration().apply(server(site.proxyUrl(), transport));

        // When
        WorkflowRun run = announceAndWait();

        // Then
        jenkins.assertLogContains("announced: revision 2", run);
        assertThat(proxy.heads).isEmpty();
    }

    @Test
    void aReplicaWithAProxyOfItsOwnIsReadThroughThatOnly() throws Exception {
        // Given a Jenkins whose own proxy would reach nothing
        proxy = new ForwardProxy(site, "");
        jenkins.jenkins.setProxy(new ProxyConfiguration("127.0.0.1", 9, null, null, "127.0.0.1"));
        site.configuration().apply();
        ReplicaEntry squid = new ReplicaEntry("site-c", "http://cvmfs.invalid/site-b/sw.example.org");
        squid.setProxy("http://127.0.0.1:" + proxy.port());
        RepositoryEntry repository =
                CvmfsNotifyConfiguration.get().getRepositories().get(0);
        repository.setReplicas(
                Stream.concat(repository.getReplicas().stream(), Stream.of(squid)).toList());

        // When
        WorkflowRun run = announceAndWait();

        // Then
        jenkins.assertLogContains("site-c through " + squid.getProxy() + "  ", run);
        assertThat(proxy.heads)
                .isNotEmpty()
                .allSatisfy(head -> assertThat(head).contains(" http://cvmfs.invalid/site-b/sw.example.org/"));
        WaitRecord wait = (WaitRecord)
                run.getAction(CvmfsBuildAction.class).getSteps().get(1);
        assertThat(wait.getReplicas())
                .extracting(WaitRecord.ReplicaRecord::getProxy)
                .containsExactly(null, null, squid.getProxy());
    }

    @Test
    void aChangeOfTheProxyDisturbsNoStepThatIsUnderWay() throws Exception {
        // Given
        WorkflowRun wait = start("waitForCvmfsRevision repository: 'sw.example.org', revision: 2");
        awaitLog("connected to the notification server", wait);
        site.stopProxy();
        WorkflowRun publish = start("cvmfsPublishNotify repository: 'sw.example.org'");
        awaitLog("cannot announce at main yet: ", publish);

        // When a step begins with other settings
        jenkins.jenkins.setProxy(new ProxyConfiguration("127.0.0.1", 9, null, null, "127.0.0.1"));
        jenkins.buildAndAssertSuccess(job("waitForCvmfsRevision repository: 'sw.example.org', revision: 1"));
        site.startProxy();

        // Then
        jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(publish));
        site.publish();
        site.replicateEverywhere();
        jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(wait));
    }
}
