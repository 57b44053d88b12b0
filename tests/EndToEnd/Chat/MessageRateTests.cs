using ChatHost;
using Microsoft.Extensions.Time.Testing;

namespace RawSocketChat.EndToEnd.Tests.Chat;

public sealed class MessageRateTests
{
    private readonly FakeTimeProvider _time = new();

    [Test]
    public void Twenty_messages_in_ten_seconds_are_heard_and_the_next_is_not()
    {
        var rate = new MessageRate(_time);

        Accepted(rate, 21).Should().Be(20);
        _time.Advance(TimeSpan.FromSeconds(9.999));
        Accepted(rate, 1).Should().Be(0);
        _time.Advance(TimeSpan.FromSeconds(0.001));
        Accepted(rate, 21).Should().Be(20);
    }

    [Test]
    public void No_ten_seconds_hold_more_than_twenty_wherever_they_begin()
    {
        var rate = new MessageRate(_time);
        var accepted = new List<DateTimeOffset>();
        for (var step = 0; step < 1000; step++)
        {
            accepted.AddRange(Enumerable.Repeat(_time.GetUtcNow(), Accepted(rate, step % 3)));
            _time.Advance(TimeSpan.FromMilliseconds(100 + (step * 37 % 400)));
        }

        accepted.Should().HaveCountGreaterThan(300);
        accepted.Zip(accepted.Skip(20)).Should().OnlyContain(pair => pair.Second - pair.First >= TimeSpan.FromSeconds(10));
    }

    [Test]
    public void A_refused_message_does_not_count()
    {
        var rate = new MessageRate(_time);
        Accepted(rate, 20);
        _time.Advance(TimeSpan.FromSeconds(9));
        Accepted(rate, 1000);
        _time.Advance(TimeSpan.FromSeconds(1));

        Accepted(rate, 20).Should().Be(20);
    }

    [Test]
    public void Twenty_refusals_in_ten_seconds_are_told_and_the_next_is_the_end()
    {
        var rate = new MessageRate(_time);
        for (var refusal = 0; refusal < 20; refusal++)
        {
            rate.TryRefuse().Should().BeTrue();
        }

        rate.TryRefuse().Should().BeFalse();
    }

    private static int Accepted(MessageRate rate, int messages) => Enumerable.Range(0, messages).Count(_ => rate.TryAccept());
}
