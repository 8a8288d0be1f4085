package dev.millrace.operator.inference;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What metrics say of a device. */
class DeviceWatchTest {
    private final TestingDevice device = new TestingDevice();
    private final AtomicLong nanos = new AtomicLong(7);
    private final DeviceWatch watch = new DeviceWatch("one", device, nanos::get);

    private void pass(long seconds) {
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
        watch.reading();
    }

    @Test
    void asksOnceASecondHoweverManyLook() {
        for (int look = 0; look < 10; look++) {
            watch.reading();
            watch.answers();
            watch.joulesPerThousandRecords();
        }
        assertThat(device.reads).hasValue(1);
        pass(1);
        assertThat(device.reads).hasValue(2);
    }

    @Test
    void dividesTheEnergyOfAPeriodByItsRecords() {
        assertThat(watch.joulesPerThousandRecords()).isNaN();
        watch.scored(4000);
        device.spend(100);
        pass(5);
        assertThat(watch.joulesPerThousandRecords()).isNaN();
        pass(5);
        assertThat(watch.joulesPerThousandRecords()).isEqualTo(25);
        watch.scored(1000);
        device.spend(50);
        pass(10);
        assertThat(watch.joulesPerThousandRecords()).isEqualTo(50);
    }

    @Test
    void anIdlePeriodChangesNothingAndCountsForNoRecord() {
        watch.reading();
        watch.scored(1000);
        device.spend(10);
        pass(10);
        device.spend(1_000_000);
        pass(10);
        assertThat(watch.joulesPerThousandRecords()).isEqualTo(10);
        watch.scored(1000);
        device.spend(20);
        pass(10);
        assertThat(watch.joulesPerThousandRecords()).isEqualTo(20);
    }

    @Test
    void aLostDeviceTellsNothingUntilItAnswersAgain() {
        assertThat(watch.answers()).isTrue();
        assertThat(watch.reading().temperatureCelsius()).isEqualTo(60);
        device.lose(true);
        pass(1);
        assertThat(watch.answers()).isFalse();
        assertThat(watch.reading().temperatureCelsius()).isNaN();
        device.lose(false);
        pass(1);
        assertThat(watch.answers()).isTrue();
        assertThat(watch.reading().powerWatts()).isEqualTo(250);
    }

    @Test
    void tasksOfAProcessShareTheWatchOverADevice() {
        String id = TestingDevice.PREFIX + "shared";
        DeviceWatch first = DeviceWatch.shared(id, nanos::get).orElseThrow();
        assertThat(DeviceWatch.shared(id, nanos::get)).containsSame(first);
        assertThat(DeviceWatch.shared("unknown", nanos::get)).isEmpty();
    }
}
