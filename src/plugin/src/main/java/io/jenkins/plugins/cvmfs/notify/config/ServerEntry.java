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

    /** As typed; {@link #settings()} checks it. */
    @DataBoundConstructor
    public ServerEntry(@Nullable String name, @Nullable String url) {
        this.name = FormFields.text(name, "");
        this.url = FormFields.text(url, "");
    }

    /** The name in pipelines and in the configuration of repositories. */
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
    public void setTransport(@Nullable String transport) {
        this.transport = FormFields.text(transport, Transport.AUTO.configured());
    }

    /** The id of a secret text; null for anonymous access. */
    public @Nullable String getCredentialsId() {
        return credentialsId;
    }

    /** Blank for none. */
    @DataBoundSetter
    public void setCredentialsId(@Nullable String id) {
        this.credentialsId = FormFields.text(id);
    }

    /**
     * Returns what to connect with.
     *
     * @throws InvalidInputException if the URL or the transport is wrong
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

        @POST
        public FormValidation doCheckName(@QueryParameter String value) {
            return FormFields.check(() -> ConfiguredSites.serverName(value));
        }

        @POST
        public FormValidation doCheckUrl(@QueryParameter String value) {
            return FormFields.check(() -> NotificationServer.parse(value.trim()));
        }

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

        /** The secret texts of Jenkins itself; without permission to administer, only the chosen one. */
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

        /** Checks that the chosen credentials still exist. */
        @POST
        public FormValidation doCheckCredentialsId(@QueryParameter String value, @QueryParameter String url) {
            return FormFields.check(() -> {
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

        /** Connects with the values in the form, saved or not. Blocks for some seconds at most. */
        @POST
        public FormValidation doTestConnection(
                @QueryParameter String url, @QueryParameter String transport, @QueryParameter String credentialsId) {
            Jenkins.get().checkPermission(Jenkins.ADMINISTER);
            ServerEntry entry = new ServerEntry("test", url);
            entry.setTransport(transport);
            entry.setCredentialsId(credentialsId);
            try {
                ServerSettings settings = entry.settings();
                ConfiguredSites sites = CvmfsNotifyConfiguration.get().sites();
                return FormValidation.ok(ConnectionCheck.run(settings, sites.repositoriesAt(settings.url())));
            } catch (NotifyException e) {
                return FormValidation.error(String.valueOf(e.getMessage()));
            }
        }
    }
}
