package io.jenkins.plugins.cvmfs.notify.config;

import com.cloudbees.plugins.credentials.CredentialsProvider;
import com.cloudbees.plugins.credentials.common.StandardListBoxModel;
import com.cloudbees.plugins.credentials.domains.URIRequirementBuilder;
import hudson.Extension;
import hudson.model.Describable;
import hudson.model.Descriptor;
import hudson.security.ACL;
import hudson.util.FormValidation;
import hudson.util.ListBoxModel;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationServer;
import io.jenkins.plugins.cvmfs.notify.connection.ConnectionCheck;
import io.jenkins.plugins.cvmfs.notify.connection.ServerSettings;
import io.jenkins.plugins.cvmfs.notify.connection.ServerSettings.Transport;
import java.util.List;
import jenkins.model.Jenkins;
import org.jenkinsci.plugins.plaincredentials.StringCredentials;
import org.jspecify.annotations.Nullable;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;
import org.kohsuke.stapler.QueryParameter;
import org.kohsuke.stapler.verb.POST;

/** A notification server that pipelines may name. */
public final class ServerEntry implements Describable<ServerEntry> {

    private final String name;
    private final String url;
    private String transport = Transport.AUTO.configured();
    private @Nullable String credentialsId;

    /** As typed; {@link #settings()} says what is wrong with it. */
    @DataBoundConstructor
    public ServerEntry(@Nullable String name, @Nullable String url) {
        this.name = TypedText.or(name, "");
        this.url = TypedText.or(url, "");
    }

    /** What pipelines and repositories call it. */
    public String getName() {
        return name;
    }

    /** Its base URL, such as {@code https://notify.example.org/api/v1}, or the URL of one of its services. */
    public String getUrl() {
        return url;
    }

    /** {@code auto}, {@code websocket}, {@code sse} or {@code poll}. */
    public String getTransport() {
        return transport;
    }

    /** Blank for {@code auto}. */
    @DataBoundSetter
    public void setTransport(@Nullable String word) {
        this.transport = TypedText.or(word, Transport.AUTO.configured());
    }

    /** The id of a secret text; null to talk to the server anonymously. */
    public @Nullable String getCredentialsId() {
        return credentialsId;
    }

    /** Blank for none. */
    @DataBoundSetter
    public void setCredentialsId(@Nullable String id) {
        this.credentialsId = TypedText.of(id);
    }

    /**
     * The same, to connect with.
     *
     * @throws io.jenkins.plugins.cvmfs.notify.client.InvalidInputException if the URL or the transport is wrong
     */
    ServerSettings settings() {
        return new ServerSettings(name, url, Transport.parse(transport), credentialsId);
    }

    /** The form of one server. */
    @Extension
    public static final class DescriptorImpl extends Descriptor<ServerEntry> {

        @Override
        public String getDisplayName() {
            return Messages.ServerEntry_DisplayName();
        }

        /** Judges the name while it is typed. */
        @POST
        public FormValidation doCheckName(@QueryParameter String value) {
            return FieldCheck.administrator(() -> Directory.serverName(value));
        }

        /** Judges the URL while it is typed. */
        @POST
        public FormValidation doCheckUrl(@QueryParameter String value) {
            return FieldCheck.administrator(() -> NotificationServer.parse(value.trim()));
        }

        /** The four transports. */
        @POST
        public ListBoxModel doFillTransportItems() {
            Jenkins.get().checkPermission(Jenkins.SYSTEM_READ);
            ListBoxModel model = new ListBoxModel();
            model.add(Messages.Transport_Auto(), Transport.AUTO.configured());
            model.add(Messages.Transport_WebSocket(), Transport.WEBSOCKET.configured());
            model.add(Messages.Transport_Sse(), Transport.SSE.configured());
            model.add(Messages.Transport_Poll(), Transport.POLL.configured());
            return model;
        }

        /** The secret texts of Jenkins itself; for one who may only look, no other than the chosen one. */
        @POST
        public ListBoxModel doFillCredentialsIdItems(@QueryParameter String credentialsId, @QueryParameter String url) {
            Jenkins jenkins = Jenkins.get();
            jenkins.checkPermission(Jenkins.SYSTEM_READ);
            StandardListBoxModel model = new StandardListBoxModel();
            model.includeEmptyValue();
            if (jenkins.hasPermission(Jenkins.ADMINISTER)) {
                model.withAll(secretTexts(url));
            }
            return model.includeCurrentValue(credentialsId);
        }

        /** Looks whether the chosen credentials are still there. */
        @POST
        public FormValidation doCheckCredentialsId(@QueryParameter String value, @QueryParameter String url) {
            return FieldCheck.administrator(() -> {
                if (!value.isBlank()
                        && secretTexts(url).stream()
                                .noneMatch(text -> text.getId().equals(value))) {
                    throw new InvalidInputException(Messages.ServerEntry_NoCredentials(value));
                }
            });
        }

        private static List<StringCredentials> secretTexts(String url) {
            return CredentialsProvider.lookupCredentialsInItemGroup(
                    StringCredentials.class,
                    Jenkins.get(),
                    ACL.SYSTEM2,
                    URIRequirementBuilder.fromUri(url).build());
        }

        /** Connects as the form says now, saved or not, and tells how it went. Blocks for some seconds at most. */
        @POST
        public FormValidation doTestConnection(
                @QueryParameter String url, @QueryParameter String transport, @QueryParameter String credentialsId) {
            Jenkins.get().checkPermission(Jenkins.ADMINISTER);
            ServerEntry entry = new ServerEntry("test", url);
            entry.setTransport(transport);
            entry.setCredentialsId(credentialsId);
            try {
                ServerSettings settings = entry.settings();
                Directory directory = CvmfsNotifyConfiguration.get().directory();
                return FormValidation.ok(ConnectionCheck.run(settings, directory.repositoriesAt(settings.url())));
            } catch (NotifyException e) {
                return FormValidation.error(String.valueOf(e.getMessage()));
            }
        }
    }
}
