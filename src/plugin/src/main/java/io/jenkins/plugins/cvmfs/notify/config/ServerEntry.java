package io.jenkins.plugins.cvmfs.notify.config;

import com.cloudbees.plugins.credentials.common.StandardListBoxModel;
import hudson.Extension;
import hudson.model.Describable;
import hudson.model.Descriptor;
import hudson.model.Item;
import hudson.util.FormValidation;
import hudson.util.ListBoxModel;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationServer;
import io.jenkins.plugins.cvmfs.notify.connection.ConnectionCheck;
import io.jenkins.plugins.cvmfs.notify.connection.ServerSettings;
import io.jenkins.plugins.cvmfs.notify.connection.ServerSettings.Transport;
import io.jenkins.plugins.cvmfs.notify.connection.ServerToken;
import org.jspecify.annotations.Nullable;
import org.kohsuke.stapler.AncestorInPath;
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

    /** As typed; {@link #settings} checks it. */
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
     * @param folder the full name of the folder that the entry belongs to; null for Jenkins as a whole
     * @throws InvalidInputException if the URL or the transport is wrong
     */
    ServerSettings settings(@Nullable String folder) {
        return new ServerSettings(name, url, Transport.parse(transport), credentialsId, folder);
    }

    /** The form of one server. */
    @Extension
    public static final class DescriptorImpl extends Descriptor<ServerEntry> {

        @Override
        public String getDisplayName() {
            return Messages.ServerEntry_DisplayName();
        }

        @POST
        public FormValidation doCheckName(@AncestorInPath @Nullable Item item, @QueryParameter String value) {
            return FormPlace.of(item).check(() -> ConfiguredSites.serverName(value));
        }

        @POST
        public FormValidation doCheckUrl(@AncestorInPath @Nullable Item item, @QueryParameter String value) {
            FormPlace place = FormPlace.of(item);
            return place.check(() -> {
                var unused = NotificationServer.parse(value.trim());
                place.requireHost(value);
            });
        }

        @POST
        public ListBoxModel doFillTransportItems(@AncestorInPath @Nullable Item item) {
            FormPlace.of(item).checkMayRead();
            ListBoxModel model = new ListBoxModel();
            model.add(Messages.Transport_Auto(), Transport.AUTO.configured());
            model.add(Messages.Transport_WebSocket(), Transport.WEBSOCKET.configured());
            model.add(Messages.Transport_Sse(), Transport.SSE.configured());
            model.add(Messages.Transport_Poll(), Transport.POLL.configured());
            return model;
        }

        /** The secret texts of Jenkins itself, or of the folder; without permission to configure it, only the chosen one. */
        @POST
        public ListBoxModel doFillCredentialsIdItems(
                @AncestorInPath @Nullable Item item, @QueryParameter String credentialsId, @QueryParameter String url) {
            FormPlace place = FormPlace.of(item);
            place.checkMayRead();
            StandardListBoxModel model = new StandardListBoxModel();
            model.includeEmptyValue();
            if (place.mayConfigure()) {
                model.withAll(ServerToken.secretTexts(place.folder(), url));
            }
            return model.includeCurrentValue(credentialsId);
        }

        /** Checks that the chosen credentials still exist. */
        @POST
        public FormValidation doCheckCredentialsId(
                @AncestorInPath @Nullable Item item, @QueryParameter String value, @QueryParameter String url) {
            FormPlace place = FormPlace.of(item);
            return place.check(() -> {
                if (!value.isBlank()) {
                    ServerToken.require(place.folder(), url, value);
                }
            });
        }

        /** Connects with the values in the form, saved or not. Blocks for half a minute at most. */
        @POST
        public FormValidation doTestConnection(
                @AncestorInPath @Nullable Item item,
                @QueryParameter String url,
                @QueryParameter String transport,
                @QueryParameter String credentialsId) {
            FormPlace place = FormPlace.of(item);
            place.checkMayConfigure();
            ServerEntry entry = new ServerEntry("test", url);
            entry.setTransport(transport);
            entry.setCredentialsId(credentialsId);
            try {
                ServerSettings settings = entry.settings(place.folder());
                place.requireHost(settings.url());
                return FormValidation.ok(
                        ConnectionCheck.run(settings, place.sites().repositoriesAt(settings.url())));
            } catch (NotifyException e) {
                return FormValidation.error(e.getMessage());
            }
        }
    }
}
