package io.jenkins.plugins.cvmfs.notify.proxy.fanout;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.LeakGuard;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TestConfigs;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.local.LocalServerChannel;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Subscribers come and go on several event loops while another thread delivers. */
@ExtendWith(LeakGuard.class)
class FanOutChurnTest {

    private static final RepositoryName A = new RepositoryName("a.example.org");
    private static final Pattern ID = Pattern.compile("id: epoch1:(\\d+)\n");
    private static final int DELIVERIES = 1_000;

    private final FanOut fanOut = new FanOut(
            TestConfigs.repositories(10),
            Duration.ofSeconds(10),
            Long.MAX_VALUE,
            Redeliveries.off(),
            Clock.systemUTC(),
            new SimpleMeterRegistry());
    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(3, LocalIoHandler.newFactory());
    private final LocalAddress address = new LocalAddress(FanOutChurnTest.class);

    @AfterEach
    void stopLoops() {
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Test
    void nobodyMissesRepeatsOrReordersAnything() {
        listen();
        Random random = new Random(4711);
        TestLog log = new TestLog(fanOut);
        List<Client> all = new ArrayList<>();
        List<Client> staying = new ArrayList<>();

        for (int delivery = 1; delivery <= DELIVERIES; delivery++) {
            if (random.nextInt(10) == 0) {
                Client client = new Client();
                all.add(client);
                staying.add(client);
            }
            if (!staying.isEmpty() && random.nextInt(20) == 0) {
                staying.remove(random.nextInt(staying.size())).leave();
            }
            log.deliver(A.value(), delivery);
        }

        for (Client client : staying) {
            await().untilAsserted(() -> assertThat(client.lastOffset()).isEqualTo(DELIVERIES));
        }
        assertThat(all).hasSizeGreaterThan(50);
        assertThat(all)
                .allSatisfy(client -> assertThat(client.offsets)
                        .as("from the first one received on, each one exactly once")
                        .satisfies(FanOutChurnTest::isGapless));
        staying.forEach(Client::leave);
        await().untilAsserted(() -> assertThat(fanOut.subscribers(A)).isZero());
    }

    private static void isGapless(Iterable<? extends Long> offsets) {
        long before = -1;
        for (long offset : offsets) {
            assertThat(before == -1 ? offset : before + 1).isEqualTo(offset);
            before = offset;
        }
    }

    private void listen() {
        new ServerBootstrap()
                .group(loops)
                .channel(LocalServerChannel.class)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline()
                                .addLast(new Subscribing(
                                        fanOut.subscriber(channel, DeliveryTerms.plain(WireFormat.UNCHUNKED_EVENT))));
                    }
                })
                .bind(address)
                .syncUninterruptibly();
    }

    private static final class Subscribing extends ChannelInboundHandlerAdapter {
        private final Subscriber subscriber;

        Subscribing(Subscriber subscriber) {
            this.subscriber = subscriber;
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            subscriber.subscribe(A, ResumePoint.FROM_LAST_VALUE, 1, NameHolder.WITH_CREDENTIALS);
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            subscriber.close();
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            subscriber.writabilityChanged();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            var unused = ctx.close();
        }
    }

    private final class Client extends SimpleChannelInboundHandler<ByteBuf> {
        final Queue<Long> offsets = new ConcurrentLinkedQueue<>();
        final Channel channel = new Bootstrap()
                .group(loops)
                .channel(LocalChannel.class)
                .handler(this)
                .connect(address)
                .syncUninterruptibly()
                .channel();

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, ByteBuf events) {
            Matcher id = ID.matcher(events.toString(UTF_8));
            while (id.find()) {
                offsets.add(Long.valueOf(id.group(1)));
            }
        }

        void leave() {
            var unused = channel.close();
        }

        long lastOffset() {
            return offsets.stream().reduce(0L, (before, last) -> last);
        }
    }
}
