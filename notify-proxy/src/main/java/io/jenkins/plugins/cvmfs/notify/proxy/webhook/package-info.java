/**
 * Sends announcements to configured addresses by HTTP: webhooks.
 *
 * <p>{@link io.jenkins.plugins.cvmfs.notify.proxy.webhook.Webhooks} hears every announcement of the log. For each webhook a {@code WebhookQueue}
 * has what is still to be told, a {@code Webhook} makes the messages, a {@code WebhookClient} sends them.
 *
 * <ul>
 *   <li>At least once: what was delivered is noted in the state folder ({@code SettledMessages}) after the receiver's answer. At a start
 *       the log delivers its last values, and those that are not noted are owed. So a receiver that was down gets the newest announcement
 *       of each repository.
 *   <li>The id of a message follows from the webhook's name, its event, the repository and the manifest. So all proxies of a broker that have a
 *       webhook send with one id, by which the receiver drops repetitions; proxies do not agree on who sends.
 *   <li>A rollback to a manifest that was announced before has an id that follows from its time too; {@code SettledMessages} knows the
 *   highest revision.
 *   <li>With the event {@code readable} an announcement waits ({@code AwaitedRevisions}) until {@link
 *       io.jenkins.plugins.cvmfs.notify.proxy.webhook.Readability} finds that replicas serve it, and is then to be told. It is asked when
 *       it arrives, after each read of a replica, after each release of a hold and at a reload. One that waits too long is given up and
 *       counted.
 *   <li>Bounds: of each repository for each webhook one announcement that is to be told and two that wait; the repositories are those that
 *       the log remembers.
 *   <li>A message goes only to addresses that the {@code AddressGuard} lets pass, when the connection is made.
 * </ul>
 *
 * <p>Threads: {@code cvmfs-notify-webhooks} owns all queues and writes their files; the log's thread and Jetty's only wake it.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.proxy.webhook;

import org.jspecify.annotations.NullMarked;
