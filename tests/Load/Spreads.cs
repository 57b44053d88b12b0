using RawSocketChat.Load.Measuring;

namespace RawSocketChat.Load.Tests;

public sealed class Spreads
{
    [Test]
    public void The_median_of_an_odd_number_is_the_one_in_the_middle() => Spread.Of([9, 1, 5]).Should().Be(new Spread(5, 1, 9));

    [Test]
    public void The_median_of_an_even_number_lies_between_the_two_in_the_middle() => Spread.Of([4, 1, 2, 9]).Should().Be(new Spread(3, 1, 9));

    [Test]
    public void What_was_not_measured_does_not_count() => Spread.Of([null, 7, null]).Should().Be(new Spread(7, 7, 7));

    [Test]
    public void Nothing_has_no_spread() => Spread.Of([null]).Should().BeNull();
}
